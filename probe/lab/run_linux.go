package lab

import "context"

// run does one job in a sandbox of its own.
func run(ctx context.Context, what do, o Options, each func(Event)) error {
	if err := o.Validate(); err != nil {
		return err
	}
	s, err := openSandbox(ctx, o.In, o.UMLKernel)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.ask(what, 0, o); err != nil {
		return err
	}
	_, err = s.listen(ctx, each)
	return err
}

// openSandbox starts the inner half where it was asked for.
func openSandbox(ctx context.Context, in Where, umlKernel string) (*sandbox, error) {
	if in != UML {
		return startSandbox(ctx, asInner)
	}
	k, err := findUML(ctx, umlKernel)
	if err != nil {
		return nil, err
	}
	return startSandbox(ctx, asHost, k.path, k.modules)
}
