// Command limits measures how near trailhound comes to what decompression alone
// costs on the same files, and prints a table for docs/benchmarks.md.
// bench/limit.sh makes what it needs.
package main

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// cost is what one way of reading the corpus took, the best of its runs by CPU.
type cost struct {
	wall time.Duration
	cpu  time.Duration
	peak int64 // bytes resident, of the largest process
}

func main() {
	bin := flag.String("bin", "", "the trailhound binary")
	corpus := flag.String("corpus", "", "folder of .json.gz files")
	work := flag.String("work", "", "folder for stores; emptied")
	story := flag.String("case", "", "file with a line \"case: …\" to investigate")
	runs := flag.Int("runs", 3, "runs of each short measurement; the best counts")
	threads := flag.String("threads", "2 1", "numbers of threads")
	flag.Parse()
	if err := measure(*bin, *corpus, *work, *story, *runs, strings.Fields(*threads)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(bin, corpus, work, story string, runs int, threads []string) error {
	files, packed, err := list(corpus)
	if err != nil {
		return err
	}
	plain, err := unpacked(files)
	if err != nil {
		return err
	}
	sentence, err := caseOf(story)
	if err != nil {
		return err
	}
	fmt.Printf("%d files, %.1f MB of gzip, %.1f MB of JSON\n", len(files), mb(packed), mb(plain))
	for _, n := range threads {
		store := filepath.Join(work, "store-"+n)
		if err := os.RemoveAll(store); err != nil {
			return err
		}
		env := append(os.Environ(), "GOMAXPROCS="+n)
		ours := func(args ...string) func() []*exec.Cmd {
			return func() []*exec.Cmd {
				c := exec.Command(bin, args...)
				c.Env = env
				return []*exec.Cmd{c}
			}
		}
		report := filepath.Join(work, "report.json")
		steps := []struct {
			name string
			runs int
			cmds func() []*exec.Cmd
		}{
			{"gunzip alone, libdeflate", runs, unpackers("libdeflate-gunzip", files, n)},
			{"gunzip alone, zcat", runs, unpackers("zcat", files, n)},
			{"streaming pass", runs, ours("import", "--dry-run", corpus)},
			{"import, until it can be asked", 1, ours("import", "--unsettled", "--store", store, corpus)},
			{"settling after it", 1, ours("import", "--store", store, corpus)},
			{"investigation of the store", 1, ours("investigate", "--no-input", "--evidence", store, "--format", "json", "--output", report, sentence)},
			{"investigation of the files, cold", 1, ours("investigate", "--no-input", "--evidence", corpus, "--format", "json", "--output", report, sentence)},
		}
		var limit, zcat *cost
		fmt.Printf("\n%s threads\n\n| | seconds | CPU seconds | MB/s of JSON | of libdeflate | of it by CPU | of zcat | peak MB |\n|---|---|---|---|---|---|---|---|\n", n)
		for i, s := range steps {
			c, err := best(s.runs, s.cmds)
			if errors.Is(err, exec.ErrNotFound) {
				fmt.Printf("| %s | NOT MEASURED: the program is missing | | | | | | |\n", s.name)
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			switch i {
			case 0:
				limit = c
			case 1:
				zcat = c
			}
			fmt.Printf("| %s | %.1f | %.1f | %.0f | %s | %s | %s | %d |\n", s.name, c.wall.Seconds(), c.cpu.Seconds(),
				mb(plain)/c.wall.Seconds(), ratio(limit, func(l *cost) float64 { return l.wall.Seconds() / c.wall.Seconds() }),
				ratio(limit, func(l *cost) float64 { return l.cpu.Seconds() / c.cpu.Seconds() }),
				ratio(zcat, func(l *cost) float64 { return l.wall.Seconds() / c.wall.Seconds() }), c.peak>>20)
		}
		size, err := sizeOf(store)
		if err != nil {
			return err
		}
		fmt.Printf("\nThe settled store has %.1f MB, %.2f of the gzip.\n", mb(size), float64(size)/float64(packed))
	}
	return nil
}

func mb(n int64) float64 { return float64(n) / 1e6 }

func ratio(limit *cost, f func(*cost) float64) string {
	if limit == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f", f(limit))
}

// best runs the commands of a step side by side, several times.
func best(runs int, cmds func() []*exec.Cmd) (*cost, error) {
	var least *cost
	for range runs {
		c, err := once(cmds())
		if err != nil {
			return nil, err
		}
		if least == nil || c.cpu < least.cpu {
			least = c
		}
	}
	return least, nil
}

func once(cmds []*exec.Cmd) (*cost, error) {
	var c cost
	var mu sync.Mutex
	var wait sync.WaitGroup
	var failed error
	began := time.Now()
	for _, cmd := range cmds {
		var said strings.Builder
		cmd.Stderr = &said
		wait.Go(func() {
			err := cmd.Run()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = fmt.Errorf("%s: %w %s", cmd.Path, err, said.String())
				return
			}
			use := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			c.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			c.peak = max(c.peak, use.Maxrss<<10) // Linux counts in kB
		})
	}
	wait.Wait()
	c.wall = time.Since(began)
	return &c, failed
}

// unpackers deal the files out to as many processes as there are threads.
func unpackers(program string, files []string, threads string) func() []*exec.Cmd {
	return func() []*exec.Cmd {
		var n int
		fmt.Sscan(threads, &n)
		out := make([]*exec.Cmd, n)
		for i := range out {
			args := []string{"-c"}
			for j := i; j < len(files); j += n {
				args = append(args, files[j])
			}
			out[i] = exec.Command(program, args...)
		}
		return out
	}
}

func list(dir string) (files []string, size int64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".gz" {
			return err
		}
		info, err := d.Info()
		if err == nil {
			files, size = append(files, path), size+info.Size()
		}
		return err
	})
	return files, size, err
}

// unpacked is the size of what is in the files, which also brings them into memory.
func unpacked(files []string) (size int64, err error) {
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		z, err := gzip.NewReader(f)
		if err == nil {
			var n int64
			n, err = io.Copy(io.Discard, z)
			size += n
		}
		f.Close()
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	return size, nil
}

func caseOf(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if sentence, ok := strings.CutPrefix(line, "case: "); ok {
			return sentence, nil
		}
	}
	return "", fmt.Errorf("%s holds no line that begins with \"case: \"", file)
}

func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
