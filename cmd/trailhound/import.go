package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/source/all"
	"github.com/trailhound/trailhound/internal/source/s3"
	"github.com/trailhound/trailhound/internal/store"
)

// importFlags are what import was asked.
type importFlags struct {
	dir       string // the store's folder
	clock     string // the zone of times that name none, as it was written; "" for UTC
	dry       bool   // read, and keep nothing
	unsettled bool   // leave the files as they were written, for the next import to put in order
	partition string // how the settled files are laid out from now on; "" for as they are
}

// partitions are what --partition may be.
var partitions = []string{string(store.PartitionAuto), string(store.PartitionDay), string(store.PartitionAccount)}

// importCmd is the way into a store, which later commands open at once.
func (a *app) importCmd() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import --store DIR PATH...",
		Short: "Read evidence into a store that later commands open at once",
		Long: `Import reads CloudTrail in any form into a folder of Parquet files. It can be
repeated and resumed: what is already in the store is skipped, and no event is
ever in it twice. The layout is documented in docs/formats/evidence.md.

Exit status: 0 done, even with inputs set aside; 1 could not run; 2 usage; 130 interrupted.`,
		Example: `  trailhound import --store ./case-17 ./AWSLogs
  trailhound import --store ./case-17 more.zip export.json.gz
  trailhound import --store ./case-17 --regions eu-west-1 --since 2026-10-01T00:00:00Z s3://my-trail/AWSLogs/
  trailhound import --store ./case-17 --aws --role-arn arn:aws:iam::111122223333:role/trailhound-read-only
  trailhound import --dry-run ./AWSLogs
  trailhound investigate --evidence ./case-17 "key AKIA... leaked on 2 November"`,
		Args: func(c *cobra.Command, args []string) error {
			if a.live.aws {
				return nil
			}
			return some("the evidence to import")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error { return a.importInto(c.Context(), &f, args) },
	}
	c.Flags().StringVar(&f.dir, "store", "", "folder of the store")
	c.Flags().StringVar(&f.clock, "clock", "", "the zone of CloudTrail times that name none: Europe/Berlin, CET, UTC+1; without it UTC")
	c.Flags().BoolVar(&f.dry, "dry-run", false, "read everything and say what is there; write nothing")
	c.Flags().BoolVar(&f.unsettled, "unsettled", false, "leave putting the files in order to the next import, for many in a row")
	c.Flags().StringVar(&f.partition, "partition", "", "how the store's events are laid out from now on: auto (by account too for large organisations), day, account")
	_ = c.RegisterFlagCompletionFunc("partition", cobra.FixedCompletions(partitions, cobra.ShellCompDirectiveNoFileComp))
	_ = c.MarkFlagDirname("store")
	a.fetch.register(c)
	a.live.register(c)
	return c
}

// importInto reads evidence into the store. The order of its steps is that of what they cost: all
// that can be refused is, then a live account is gathered, then files are read. What was read is
// safe from there on, whatever happens to the steps behind.
func (a *app) importInto(ctx context.Context, f *importFlags, args []string) error {
	if f.dir == "" && !f.dry {
		return withHint(usage("no store was given"), "add --store DIR; the folder is made if it is missing")
	}
	// Before the store is made: a path that is mistyped must not leave an empty one.
	if err := exist(args); err != nil {
		return err
	}
	if f.partition != "" && !slices.Contains(partitions, f.partition) {
		return withHint(usage("--partition %q is none of %s", f.partition, strings.Join(partitions, ", ")), "leave it out, and the store decides by what it holds")
	}
	if f.partition != "" && (f.unsettled || f.dry) {
		return withHint(usage("--partition lays files out, and --unsettled and --dry-run leave them as they are"), "give it with an import that settles the store")
	}
	loc, err := stated(f.clock)
	if err != nil {
		return err
	}
	if f.dry {
		return a.dryImport(ctx, args)
	}
	live, gone, err := a.livePath(ctx)
	if err != nil {
		return err
	}
	defer gone()
	if live != "" {
		args = append(slices.Clone(args), live)
	}
	// From here on there is a folder. Everything that the user may have mistyped was
	// looked at before.
	s, err := store.Create(ctx, f.dir)
	if err != nil {
		return hintFor(err)
	}
	defer s.Close()
	places, ended, err := a.places(ctx, args, s)
	if err != nil {
		return err
	}
	bar := a.bar("importing")
	bar.measure(args)
	defer spareCollections()() // also while digests are made
	sum, err := s.Import(ctx, args, store.ImportOptions{Stdin: interruptible(ctx, a.stdin), Places: places, Clock: loc, Progress: bar.importing, Unsettled: f.unsettled, Partition: store.Partition(f.partition)})
	bar.end()
	if err != nil {
		return hintFor(err)
	}
	// The events are safe by now: what is kept of them can be made later too.
	if !f.unsettled {
		// Digests, which an investigation would else make when it first needs them.
		if err := investigation.Prepare(ctx, s); err != nil {
			return hintFor(err)
		}
	}
	a.tellImported(sum, loc != nil, f.clock)
	if err := a.setAside(ctx, s, maxNamed); err != nil {
		return err
	}
	// What ended the fetching early is told last, and is the exit code: the store holds the rest.
	return ended()
}

// tellImported sums up. clock is the zone as it was given; zoned says whether one was.
func (a *app) tellImported(sum store.Summary, zoned bool, clock string) {
	fmt.Fprintf(a.stdout, "read %d new artifacts (%d known, %d copies): %d records, %d set aside, %d repeated\n",
		sum.Artifacts, sum.Known, sum.Copies, sum.Records, sum.Rejected, sum.Duplicates)
	if zoned {
		fmt.Fprintf(a.stdout, "%d times without a zone were read as %s\n", sum.Shifted, safe(clock))
	}
	fmt.Fprintf(a.stdout, "the store holds %d events\n", sum.Events)
	if sum.ByAccount {
		fmt.Fprintln(a.stdout, "it is laid out by day and account: other tools find its events in events/v3")
	}
	if sum.Observations > 0 {
		fmt.Fprintf(a.stdout, "and %d observations: what snapshots, alerts, bills and flow logs say\n", sum.Observations)
	}
}

// stated is the zone that a flag names, nil for none.
func stated(zone string) (*time.Location, error) {
	if zone == "" {
		return nil, nil
	}
	loc := intake.Read(zone, intake.FromAnswer("time_zone"), intake.Clock{}, intake.Lexicon{}).Zone
	if loc == nil {
		return nil, withHint(usage("--clock %q names no time zone", zone), "name it as Europe/Berlin, CET or UTC+1")
	}
	return loc, nil
}

// dryImport reads evidence and keeps nothing of it.
func (a *app) dryImport(ctx context.Context, paths []string) error {
	// A dry run over a bucket would cost the same transfer as the import, and then
	// be thrown away.
	if a.live.aws || slices.ContainsFunc(paths, s3.Holds) {
		return withHint(usage("a dry run reads what is on disk"), "copy the files from the bucket, or import them into a store")
	}
	// Read through the same collectors as an import, so that what it counts is what one would hold.
	bar := a.bar("reading")
	bar.measure(paths)
	defer spareCollections()()
	// Counted as they pass: a dry run holds no event.
	var events, rejected int64
	kinds := map[evidence.Kind]int{}
	err := all.Read(ctx, paths, all.Options{Stdin: interruptible(ctx, a.stdin), Progress: func(p all.Progress) { bar.importing(store.Progress{Progress: p}) }},
		func(b all.Batch) error {
			events += int64(len(b.Events))
			if b.Done {
				kinds[b.Artifact.Kind]++
				rejected += int64(b.Artifact.Rejected)
			}
			b.Release()
			return nil
		})
	bar.end()
	if err != nil {
		return hintFor(err)
	}
	fmt.Fprintf(a.stdout, "read %d events, %d records set aside; nothing was written\n", events, rejected)
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(a.stdout, "%6d %s\n", kinds[k], k)
	}
	return nil
}
