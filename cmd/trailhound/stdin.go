package main

import (
	"context"
	"io"
	"sync"
)

// interruptible reads r until ctx ends. A read of standard input cannot be
// called off once it waits for somebody to type or to send, so it waits in a
// goroutine of its own, which the end of the program takes along. Nothing is
// taken from r before the first Read: the answers to our questions come from
// the same place.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &input{ctx: ctx, from: r}
}

// input is the reader of interruptible: out is filled by a goroutine once begin has run.
type input struct {
	ctx  context.Context
	from io.Reader
	// The first Read begins it, and not the making: what is never read from must not take
	// the answers to our questions.
	begin sync.Once
	out   *io.PipeReader
}

// Read implements io.Reader.
func (i *input) Read(p []byte) (int, error) {
	i.begin.Do(func() {
		var in *io.PipeWriter
		i.out, in = io.Pipe()
		// The end of the context ends the pipe, and so whoever reads from it; the goroutine may go on
		// waiting for a key until the program ends.
		stop := context.AfterFunc(i.ctx, func() { in.CloseWithError(i.ctx.Err()) })
		go func() {
			defer stop()
			_, err := io.CopyBuffer(in, onlyReader{i.from}, make([]byte, 256<<10))
			in.CloseWithError(err) // nil is the end of the input
		}()
	})
	return i.out.Read(p)
}

// onlyReader hides the other methods of a file, by which io.CopyBuffer would
// leave the buffer aside.
type onlyReader struct{ io.Reader }
