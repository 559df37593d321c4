package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	gp "example.com/gangplankbench"
)

// A curve is what a call costs against the size of what crosses.
type curve struct {
	name, unit string
	sizes      []int
	at         func(size int) func(n int) // the call for this size
	nanos      []float64
}

// curves go from nothing to 64 MiB of octets, and from one to 100 000 strings of 16 bytes.
func (f *fixture) curves() []*curve {
	octets, texts := make([]byte, 64<<20), textsOf(100_000)
	bytesSizes := []int{0, 16, 256, 4 << 10, 64 << 10, 1 << 20, 16 << 20, 64 << 20}
	counts := []int{1, 10, 100, 1000, 10_000, 100_000}
	return []*curve{
		{name: "bytes in, borrowed", unit: "bytes", sizes: bytesSizes, at: func(size int) func(int) {
			return repeated(func() error { _, err := gp.CountBytes(octets[:size]); return err })
		}},
		{name: "bytes out", unit: "bytes", sizes: bytesSizes, at: func(size int) func(int) {
			return repeated(func() error { _, err := gp.ReturnBytes(uint64(size)); return err })
		}},
		{name: "strings in", unit: "strings", sizes: counts, at: func(size int) func(int) {
			return repeated(func() error { _, err := gp.CountTexts(texts[:size]); return err })
		}},
		{name: "strings out", unit: "strings", sizes: counts, at: func(size int) func(int) {
			return repeated(func() error { _, err := gp.ReturnTexts(uint64(size)); return err })
		}},
	}
}

func repeated(call func() error) func(n int) {
	return func(n int) {
		for range n {
			check(call())
		}
	}
}

// measure fills in what each size costs.
func (c *curve) measure() {
	for _, size := range c.sizes {
		v := &variant{run: c.at(size)}
		sample([]*variant{v}, fewBatch, 500*time.Millisecond)
		c.nanos = append(c.nanos, v.typical())
	}
}

// plotSizes measures the curves and writes them as an SVG image.
func (f *fixture) plotSizes(path string) {
	curves := f.curves()
	for _, c := range curves {
		c.measure()
		for i, size := range c.sizes {
			fmt.Printf("%-20s %9d %-8s %14.1f ns\n", c.name, size, c.unit, c.nanos[i])
		}
	}
	var image strings.Builder
	drawAxes(&image)
	for i, c := range curves {
		drawCurve(&image, c, i)
	}
	image.WriteString("</svg>\n")
	check(os.WriteFile(path, []byte(image.String()), 0o644))
}

// The plot has logarithmic axes: 10^0 to 10^8 bytes or strings, 10^1 to 10^8 nanoseconds.
const (
	plotLeft, plotTop, plotWidth, plotHeight = 70.0, 20.0, 560.0, 340.0
	sizeDecades, timeDecades                 = 8.0, 7.0
)

var colours = []string{"#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad"}

// plotX puts nothing where one is: the logarithm has no place for it.
func plotX(size float64) float64 { return plotLeft + math.Log10(max(size, 1))/sizeDecades*plotWidth }

func plotY(nanos float64) float64 {
	return plotTop + plotHeight - (math.Log10(nanos)-1)/timeDecades*plotHeight
}

func drawAxes(w io.Writer) {
	put(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 420" font-family="sans-serif" font-size="12">`)
	put(w, `<rect width="820" height="420" fill="white"/>`)
	for decade := 0.0; decade <= sizeDecades; decade++ {
		x := plotX(math.Pow(10, decade))
		put(w, `<path d="M%.1f %.1fV%.1f" stroke="#ddd"/><text x="%.1f" y="%.1f" text-anchor="middle">10^%.0f</text>`,
			x, plotTop, plotTop+plotHeight, x, plotTop+plotHeight+18, decade)
	}
	for i, label := range []string{"10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms"} {
		y := plotY(math.Pow(10, float64(i+1)))
		put(w, `<path d="M%.1f %.1fH%.1f" stroke="#ddd"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			plotLeft, y, plotLeft+plotWidth, plotLeft-6, y+4, label)
	}
	put(w, `<text x="%.1f" y="%.1f" text-anchor="middle">bytes, or strings of 16 bytes</text>`,
		plotLeft+plotWidth/2, plotTop+plotHeight+38)
}

func drawCurve(w io.Writer, c *curve, index int) {
	points := make([]string, len(c.sizes))
	for i, size := range c.sizes {
		points[i] = fmt.Sprintf("%.1f,%.1f", plotX(float64(size)), plotY(c.nanos[i]))
	}
	put(w, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(points, " "), colours[index])
	put(w, `<text x="%.1f" y="%.1f" fill="%s">%s</text>`,
		plotLeft+plotWidth+12, plotTop+20+20*float64(index), colours[index], c.name)
}

func put(w io.Writer, format string, args ...any) {
	must(fmt.Fprintf(w, format+"\n", args...))
}
