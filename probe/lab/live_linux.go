package lab

import (
	"context"
	"errors"
)

func (l *lab) live(context.Context, Options) error { return errors.New("not yet") }
