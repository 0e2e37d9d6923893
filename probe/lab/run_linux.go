package lab

import "context"

// run does one job in a sandbox of its own.
func run(ctx context.Context, what do, o Options, each func(Event)) error {
	if err := o.Validate(); err != nil {
		return err
	}
	half := asInner
	if o.In == UML {
		if err := umlProblem(); err != nil {
			return err
		}
		half = asHost
	}
	s, err := startSandbox(ctx, half)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.ask(what, o); err != nil {
		return err
	}
	return s.listen(ctx, each)
}
