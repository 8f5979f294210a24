package simulator

import (
	"math"
	"strconv"
	"time"
)

// fleet is the elastic part of the background: functions and tasks. It fills
// each hour up to the size that was asked for, so that a corpus of two million
// events is a busy company, not an army of administrators.
type fleet struct {
	r    stream
	warm []*warm // running environments, oldest first
	n    int
}

// warm is one environment: a function's sandbox or a task, with a key of its own.
type warm struct {
	c     client
	does  []work
	dies  time.Time
	calls int // until it is replaced
}

// perKey is about how many events one environment makes: real corpora hold
// some twenty to forty events for each temporary key of a workload.
const perKey = 45

// fill puts about n events into the hour.
func (f *fleet) fill(s *sim, h time.Time, n int) {
	before := s.n
	// Four are up however quiet the hour is.
	want := 4 + n/perKey
	for i := 0; s.n-before < n; i++ {
		// Some rounds put nothing (an environment not yet up): the bound keeps an hour from
		// looking for ever.
		if i > 4*n+16 {
			return
		}
		at := h.Add(f.r.between(0, time.Hour))
		e := f.environment(s, h, at, want)
		e.c.now = at
		// A key is never used in the second of its making or before.
		if !at.After(e.c.cred.created) {
			continue
		}
		e.calls--
		pick(f.r, e.does)(&e.c)
	}
}

// environment picks a warm environment, or starts one where the pool is short
// or the one picked is spent. The pool grows with the traffic of the hour, as
// Lambda's does.
func (f *fleet) environment(s *sim, h, at time.Time, want int) *warm {
	// The oldest go first when traffic falls.
	if len(f.warm) > want {
		f.warm = f.warm[len(f.warm)-want:]
	}
	if len(f.warm) < want {
		f.warm = append(f.warm, f.start(s, at))
		return f.warm[len(f.warm)-1]
	}
	i := f.r.IntN(len(f.warm))
	if e := f.warm[i]; e.calls > 0 && e.dies.After(h.Add(time.Hour)) {
		return e
	}
	f.warm[i] = f.start(s, at)
	return f.warm[i]
}

// start brings up a task or a sandbox, with the role session that ECS or Lambda
// fetches for it (rows 5 and 6 of the lineage table).
func (f *fleet) start(s *sim, at time.Time) *warm {
	w := s.w
	f.n++
	// Keys live 6 or 12 hours; an environment is gone well before, so none calls with
	// an expired one.
	e := &warm{dies: at.Add(3*time.Hour + f.r.between(0, 3*time.Hour)), calls: perKey/2 + f.r.IntN(perKey)}
	e.c = client{s: s, r: f.r, ip: w.nat.addr(2 + f.r.IntN(3)), region: w.region, now: at}
	// A quarter tasks, the rest functions.
	if f.n%4 == 0 {
		task := f.r.hex(32)
		k := w.tasks.role.session(at, sessionOf{name: task, scopeType: "AWS::ECS::Task", scope: w.arn("ecs", "task/"+w.cluster+"/"+task)})
		s.issueByService(f.r, "ecs-tasks.amazonaws.com", k, task, w.region, 6*time.Hour, "ecs_task_role")
		e.c.cred, e.c.agent, e.does = k, w.tasks.agent, w.tasks.does
		return e
	}
	fn := w.functions[f.r.IntN(len(w.functions))]
	k := fn.role.session(at, sessionOf{name: fn.name, scopeType: "AWS::Lambda::Function", scope: w.arn("lambda", "function:"+fn.name)})
	s.issueByService(f.r, "lambda.amazonaws.com", k, fn.name, w.region, 12*time.Hour, "lambda_role")
	e.c.cred, e.c.agent, e.does = k, fn.agent, fn.does
	// A sandbox first opens its log stream.
	e.c.now = at.Add(time.Second)
	if e.c.now.Unix()/3600 == at.Unix()/3600 {
		e.c.do(call{service: "logs", name: "CreateLogStream", write: true,
			req: o("logGroupName", "/aws/lambda/"+fn.name, "logStreamName", at.Format("2006/01/02/")+"[$LATEST]"+f.r.hex(32)+strconv.Itoa(f.n%10))})
	}
	return e
}

// tide is the share of a week's work that falls into the hour at h: busy days,
// calm nights, quieter weekends.
func tide(w *world, h time.Time) float64 {
	local := h.Add(w.zone)
	x := 1 + 0.55*math.Sin(float64(local.Hour()-9)/24*2*math.Pi) // peaks in the afternoon
	if wd := local.Weekday(); wd == time.Saturday || wd == time.Sunday {
		x *= 0.6
	}
	return x
}
