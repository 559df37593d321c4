package main

import "C"

import (
	"unicode/utf8"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"
)

// How calls by hand end.
const (
	handOK = iota
	handError
	handPanic
	handBadText
	handDamaged
	handNoRoom
)

// handText is a text in C; handJob is a job.
type handText struct{ ptr, len uintptr }

type handJob struct {
	name, queue handText
	priority    int64
	hasRetries  uint8
	retries     int64
	tags        handText // of handText
}

// handAt is memory of C.
func handAt(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

func handView[T any](list handText) []T {
	if list.len == 0 {
		return nil
	}
	return unsafe.Slice((*T)(handAt(list.ptr)), list.len)
}

// bench_echo is Echo as somebody would export it by hand, in C structs: the answer's texts go into the caller's memory.
//
//export bench_echo
func bench_echo(in, out, scratch, room uintptr) (status int32) {
	defer func() {
		if recover() != nil {
			status = handPanic
		}
	}()
	job, ok := handRead((*handJob)(handAt(in)))
	if !ok {
		return handBadText
	}
	if !handWrite(Echo(job), (*handJob)(handAt(out)), scratch, room) {
		return handNoRoom
	}
	return handOK
}

// handRead copies all texts at once.
func handRead(from *handJob) (*Job, bool) {
	tags := handView[handText](from.tags)
	size := from.name.len + from.queue.len
	for i := range tags {
		size += tags[i].len
	}
	memory := make([]byte, 0, size)
	valid := true
	text := func(from handText) string {
		start := len(memory)
		memory = append(memory, handView[byte](from)...)
		text := unsafe.String(unsafe.SliceData(memory[start:]), len(memory)-start)
		valid = valid && utf8.ValidString(text)
		return text
	}
	job := &Job{Name: text(from.name), Queue: text(from.queue), Priority: from.priority, Tags: make([]string, len(tags))}
	if from.hasRetries != 0 {
		retries := from.retries
		job.Retries = &retries
	}
	for i := range tags {
		job.Tags[i] = text(tags[i])
	}
	return job, valid
}

// handWrite puts the list of tags first, then all texts; the caller checks them.
func handWrite(job *Job, to *handJob, scratch, room uintptr) bool {
	list := uintptr(len(job.Tags)) * unsafe.Sizeof(handText{})
	need := list + uintptr(len(job.Name)+len(job.Queue))
	for _, tag := range job.Tags {
		need += uintptr(len(tag))
	}
	if need > room {
		return false
	}
	at := scratch + list
	put := func(text string) handText {
		if text == "" {
			return handText{}
		}
		copy(unsafe.Slice((*byte)(handAt(at)), len(text)), text)
		at += uintptr(len(text))
		return handText{at - uintptr(len(text)), uintptr(len(text))}
	}
	to.name, to.queue, to.priority = put(job.Name), put(job.Queue), job.Priority
	to.hasRetries = 0
	if job.Retries != nil {
		to.hasRetries, to.retries = 1, *job.Retries
	}
	to.tags = handText{scratch, uintptr(len(job.Tags))}
	tags := handView[handText](to.tags)
	for i, tag := range job.Tags {
		tags[i] = put(tag)
	}
	return true
}

// bench_echo_bytes is the same in protobuf's bytes, which go into the caller's memory as well.
//
//export bench_echo_bytes
func bench_echo_bytes(in, inLen, out, room uintptr, outLen *uintptr) (status int32) {
	defer func() {
		if recover() != nil {
			status = handPanic
		}
	}()
	job, status := handUnmarshal(handView[byte](handText{in, inLen}))
	if status != handOK {
		return status
	}
	answer := handMarshal(unsafe.Slice((*byte)(handAt(out)), room)[:0], Echo(job))
	if uintptr(len(answer)) > room {
		return handNoRoom
	}
	*outLen = uintptr(len(answer))
	return handOK
}

// handUnmarshal reads an EchoRequest. All texts lie in one copy of it.
func handUnmarshal(request []byte) (*Job, int32) {
	texts := string(request)
	job := &Job{}
	status := int32(handOK)
	text := func(value []byte) string {
		if !utf8.Valid(value) {
			status = handBadText
		}
		at := cap(request) - cap(value)
		return texts[at : at+len(value)]
	}
	for rest := request; len(rest) > 0; {
		number, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return nil, handDamaged
		}
		rest = rest[n:]
		if number == 1 && kind == protowire.BytesType {
			message, n := protowire.ConsumeBytes(rest)
			if n < 0 || !handUnmarshalJob(message, job, text) {
				return nil, handDamaged
			}
			rest = rest[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(number, kind, rest); n < 0 {
			return nil, handDamaged
		}
		rest = rest[n:]
	}
	return job, status
}

func handUnmarshalJob(rest []byte, job *Job, text func([]byte) string) bool {
	for len(rest) > 0 {
		number, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return false
		}
		rest = rest[n:]
		var value []byte
		var varint uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(rest)
		case protowire.VarintType:
			varint, n = protowire.ConsumeVarint(rest)
		default:
			n = protowire.ConsumeFieldValue(number, kind, rest)
		}
		if n < 0 {
			return false
		}
		rest = rest[n:]
		switch {
		case number == 1 && kind == protowire.BytesType:
			job.Name = text(value)
		case number == 2 && kind == protowire.BytesType:
			job.Queue = text(value)
		case number == 3 && kind == protowire.VarintType:
			job.Priority = int64(varint)
		case number == 4 && kind == protowire.VarintType:
			retries := int64(varint)
			job.Retries = &retries
		case number == 5 && kind == protowire.BytesType:
			job.Tags = append(job.Tags, text(value))
		}
	}
	return true
}

// handMarshal appends an EchoResult; what is longer than the caller's memory is not there any more, but its length is.
func handMarshal(to []byte, job *Job) []byte {
	to = protowire.AppendTag(to, 1, protowire.BytesType)
	to = protowire.AppendVarint(to, uint64(handSize(job)))
	if job.Name != "" {
		to = protowire.AppendString(protowire.AppendTag(to, 1, protowire.BytesType), job.Name)
	}
	if job.Queue != "" {
		to = protowire.AppendString(protowire.AppendTag(to, 2, protowire.BytesType), job.Queue)
	}
	if job.Priority != 0 {
		to = protowire.AppendVarint(protowire.AppendTag(to, 3, protowire.VarintType), uint64(job.Priority))
	}
	if job.Retries != nil {
		to = protowire.AppendVarint(protowire.AppendTag(to, 4, protowire.VarintType), uint64(*job.Retries))
	}
	for _, tag := range job.Tags {
		to = protowire.AppendString(protowire.AppendTag(to, 5, protowire.BytesType), tag)
	}
	return to
}

func handSize(job *Job) int {
	size := 0
	for _, text := range [...]string{job.Name, job.Queue} {
		if text != "" {
			size += 1 + protowire.SizeBytes(len(text))
		}
	}
	if job.Priority != 0 {
		size += 1 + protowire.SizeVarint(uint64(job.Priority))
	}
	if job.Retries != nil {
		size += 1 + protowire.SizeVarint(uint64(*job.Retries))
	}
	for _, tag := range job.Tags {
		size += 1 + protowire.SizeBytes(len(tag))
	}
	return size
}
