//go:build gangplank_dynamic

package tests

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"example.com/faults"
)

const fileVariable = "GANGPLANK_TEST_FILE"

func init() {
	// Loads a file, says what became of it, and then what became of the next call.
	children["load"] = func() {
		err := faults.Load(os.Getenv(fileVariable))
		fmt.Println(errors.Is(err, faults.ErrLoad), errors.Is(err, faults.ErrMismatch), err)
	}
	children["call"] = func() {
		number, err := faults.EchoI64(7)
		fmt.Println(number, errors.Is(err, faults.ErrLoad), err)
	}
	children["load after a failure"] = func() {
		fmt.Println(faults.Load("/does/not/exist") != nil)
		fmt.Println(faults.Load(os.Getenv(fileVariable)))
		fmt.Println(faults.Load(os.Getenv(fileVariable)))
		fmt.Println(faults.Load("/does/not/exist"))
		fmt.Println(faults.EchoI64(7))
	}
}

// changed is a copy of the library after a change.
func changed(t *testing.T, change func([]byte) []byte) string {
	t.Helper()
	image, err := os.ReadFile(library(t))
	noError(t, err)
	path := filepath.Join(t.TempDir(), "libfaults.so")
	noError(t, os.WriteFile(path, change(image), 0o600))
	return path
}

func TestLoad(t *testing.T) {
	equal(t, child(t, "load", fileVariable+"="+library(t)), "false false <nil>\n")
	equal(t, child(t, "load", "FAULTS_LIBRARY="+library(t)), "false false <nil>\n")
	equal(t, child(t, "call"), "7 false <nil>\n") // found in the package's folder
	got := child(t, "load after a failure", fileVariable+"="+library(t))
	equal(t, got, "true\n<nil>\n<nil>\nfaults: cannot load the library: the library is already loaded, /does/not/exist comes too late\n7 <nil>\n")
}

func TestFilesThatCannotBeLoaded(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.so")
	noError(t, os.WriteFile(text, []byte("this is not a library\n"), 0o600))
	cut := func(n int) string {
		return changed(t, func(image []byte) []byte { return image[:n] })
	}
	info, err := os.Stat(library(t))
	noError(t, err)
	size := int(info.Size())
	executable, err := os.Executable()
	noError(t, err)
	for path, want := range map[string]string{
		"/does/not/exist.so": "no such file or directory",
		t.TempDir():          "is not a file",
		text:                 "is not a shared library",
		cut(0):               "is not a shared library",
		cut(20):              "is truncated",
		cut(1000):            "is truncated",
		cut(size / 2):        "is truncated",
		cut(size - 1):        "is truncated",
		changed(t, func(image []byte) []byte { image[18] = 183; return image }): "is built for arm64, this program runs on " + runtime.GOARCH,
		changed(t, func(image []byte) []byte { image[16] = 1; return image }):   "is not a shared library",
		executable: "",
	} {
		got := child(t, "load", fileVariable+"="+path)
		if !strings.HasPrefix(got, "true false ") || !strings.Contains(got, want) || !strings.Contains(got, filepath.Clean(path)) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestALibraryThatIsMissing(t *testing.T) {
	got := child(t, "call", "FAULTS_LIBRARY=/does/not/exist.so")
	equal(t, got, "0 true faults: cannot load the library: open /does/not/exist.so: no such file or directory\n")
}

func TestAnotherLibrary(t *testing.T) {
	path := strings.ReplaceAll(strings.ReplaceAll(library(t), "fixtures/faults", "../examples/timer"), "libfaults", "libmy_timer")
	got := child(t, "load", fileVariable+"="+path)
	if !strings.HasPrefix(got, "false true ") || !strings.Contains(got, "has no faults_version") || !strings.Contains(got, filepath.Clean(path)) {
		t.Error(got)
	}
}

// TestARecordThatHasChanged changes the hash of a record in the library's descriptor.
func TestARecordThatHasChanged(t *testing.T) {
	path := changed(t, func(image []byte) []byte {
		item := findItem(image, "faults::values::Numbers")
		if item == nil {
			t.Fatal("the descriptor has no faults::values::Numbers")
		}
		item[8] ^= 0xff
		return image
	})
	got := child(t, "load", fileVariable+"="+path)
	for _, want := range []string{"false true faults: interface mismatch: faults::values::Numbers has changed\n", "  expected: record faults::values::Numbers {",
		"  library:  record faults::values::Numbers {", path + " is not the library"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Count(got, "has changed") != 1 {
		t.Error(got)
	}
}

// findItem is the part of a library's file that holds the item with this path.
func findItem(image []byte, path string) []byte {
	for at := 0; ; at++ {
		next := bytes.Index(image[at:], []byte("GPif"))
		if next < 0 {
			return nil
		}
		at += next
		item := image[at:]
		if len(item) > 25 && item[20] == 1 && int(binary.LittleEndian.Uint32(item[21:])) == len(path) &&
			bytes.HasPrefix(item[25:], []byte(path)) {
			return item
		}
	}
}
