package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// ask puts questions to the person at the terminal. Enter alone takes the
// default, and the end of input takes all of them: nothing ever waits for an
// answer that will not come.
func (a *app) ask(ctx context.Context, questions []intake.Question) (map[string]intake.Answer, error) {
	// One reader for all questions: a second would lose what the first has buffered.
	in := bufio.NewReader(a.stdin)
	out := map[string]intake.Answer{}
	change := fmt.Sprintf("The answers to %d questions", len(questions))
	if len(questions) == 1 {
		change = "The answer to one question"
	}
	fmt.Fprintf(a.stderr, "%s would change the result. Enter alone takes the default.\n", change)
	for n, q := range questions {
		fmt.Fprintf(a.stderr, "\n%d. %s\n   why: %s\n   default: %s\n", n+1, inert.Text(q.Text), inert.Text(q.Why), inert.Text(q.Default))
		for i, c := range q.Choices {
			fmt.Fprintf(a.stderr, "   %c) %s\n", 'a'+rune(i), inert.Text(c))
		}
		fmt.Fprint(a.stderr, "> ")
		line, err := readLine(ctx, in)
		if err != nil {
			// The end of input is no error: what was answered counts.
			return out, ctx.Err()
		}
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		// A letter chooses; anything else is an answer in the person's own words.
		if len(line) == 1 && int(line[0]-'a') >= 0 && int(line[0]-'a') < len(q.Choices) {
			line = q.Choices[line[0]-'a']
		}
		out[q.ID] = intake.Answer{ID: q.ID, Text: line}
	}
	return out, nil
}

// readLine reads one line, or gives up when the context ends.
func readLine(ctx context.Context, in *bufio.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	got := make(chan result, 1)
	// A read of a terminal cannot be called off; the goroutine ends with the program.
	go func() {
		line, err := in.ReadString('\n')
		if line != "" {
			err = nil
		}
		got <- result{line, err}
	}()
	select {
	case r := <-got:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
