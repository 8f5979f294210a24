package rows

import (
	"bufio"
	"bytes"
	"io"
)

// Lines calls visit for every line, without its end, and with its offset. A line
// of over 1 MB is told to damage, and so is one in which reading failed: a part
// of a line may well look like a whole one.
func Lines(in io.Reader, visit func(line []byte, offset int64) error, damage func(offset int64, reason string)) error {
	r := bufio.NewReaderSize(in, 64<<10)
	var long []byte
	offset, from, skipping := int64(0), int64(0), false
	for {
		part, err := r.ReadSlice('\n')
		offset += int64(len(part))
		if !skipping {
			long = append(long, part...)
		}
		if err == bufio.ErrBufferFull {
			if len(long) > maxLine {
				skipping, long = true, long[:0]
			}
			continue
		}
		line := bytes.TrimRight(long, "\r\n")
		switch {
		case err != nil && err != io.EOF:
			damage(from, err.Error())
			return nil
		case skipping || len(line) > maxLine:
			damage(from, "a line of over 1 MB")
		case len(line) > 0:
			if verr := visit(line, from); verr != nil {
				return verr
			}
		}
		long, skipping, from = long[:0], false, offset
		if err != nil {
			return nil
		}
	}
}
