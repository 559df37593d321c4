package tests

import (
	"context"
	"testing"

	sink "example.com/kitchensink"
)

func labelled(t testing.TB, cellar *sink.Cellar, want string) {
	t.Helper()
	label, err := cellar.Label()
	noError(t, err)
	equal(t, label, want)
}

func TestObjectsAsParametersAndResults(t *testing.T) {
	ctx := context.Background()
	one, two := newCellar(t, "one"), newCellar(t, "longer")
	longer, err := one.Longer(two)
	noError(t, err)
	equal(t, longer, "longer")
	_, err = one.Longer(nil)
	isError(t, err, sink.ErrBadArgument)
	hasText(t, err, "kitchensink: bad argument: other: nil is no *Cellar")

	again, err := one.Pass(ctx, two)
	noError(t, err)
	labelled(t, again, "longer")
	own, err := one.Pass(ctx, one)
	noError(t, err)
	labelled(t, own, "one")

	none, err := one.PassMaybe(nil)
	noError(t, err)
	equal(t, none, nil)
	some, err := one.PassMaybe(two)
	noError(t, err)
	labelled(t, some, "longer")

	all, err := one.PassAll([]*sink.Cellar{one, two, one})
	noError(t, err)
	equal(t, len(all), 3)
	labelled(t, all[0], "one")
	labelled(t, all[1], "longer")
	_, err = one.PassAll([]*sink.Cellar{one, nil})
	isError(t, err, sink.ErrBadArgument)
	hasText(t, err, "kitchensink: bad argument: others[1]: nil is no *Cellar")

	beside, err := sink.OpenBeside(ctx, one)
	noError(t, err)
	closing(t, beside)
	labelled(t, beside, "beside one")
	below, err := one.Dig()
	noError(t, err)
	closing(t, below)
	labelled(t, below, "below one")

	// Shares of one handle: a close through any of them closes the object for all.
	noError(t, again.Close())
	_, err = two.Label()
	isError(t, err, sink.ErrClosed)
	_, err = one.Longer(two)
	isError(t, err, sink.ErrClosed)
}

func TestObjectsInRecords(t *testing.T) {
	ctx := context.Background()
	bell := newBell(t)
	bell.SetAskShelf(func(_ context.Context, shelf sink.Shelf) (sink.Shelf, error) {
		shelf.All = append(shelf.All, shelf.First)
		return shelf, nil
	})
	shelf, err := sink.OpenShelf("a")
	noError(t, err)
	labelled(t, shelf.First, "a")
	labelled(t, shelf.Spare, "a 2")
	labelled(t, shelf.All[1], "a 2")
	labelled(t, shelf.ByName["first"], "a")
	labelled(t, shelf.Holder.(sink.HolderHeld).Value, "a 2")

	turned, err := sink.TurnShelf(ctx, shelf)
	noError(t, err)
	labelled(t, turned.First, "a 2")
	labelled(t, turned.Holder.(sink.HolderPerhaps).Cellar, "a 2")
	equal(t, len(turned.All), 3)

	asked, err := bell.AskShelf(ctx, turned)
	noError(t, err)
	equal(t, len(asked.All), 4)
	labelled(t, asked.All[3], "a 2")

	for _, cellar := range []*sink.Cellar{shelf.First, shelf.Spare} {
		noError(t, cellar.Close())
	}
	_, err = asked.All[3].Label()
	isError(t, err, sink.ErrClosed)
	_, err = sink.TurnShelf(ctx, shelf)
	isError(t, err, sink.ErrClosed)
}
