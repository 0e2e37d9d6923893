package cluster

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kpadvisor/advisor"
)

// totals is how many objects there are; -1 where the server does not say.
type totals struct{ services, slices int }

func serviceList() list { return resource("Services", "", "v1", "", "services") }
func sliceList() list {
	return resource("EndpointSlices", "discovery.k8s.io", "v1", "", "endpointslices")
}

// totals asks for the totals and shows them. The error says that neither can be
// read.
func (s *Survey) totals(ctx context.Context) (t totals, err error) {
	s.stage("totals", 0)
	serviceErr := ask(ctx, s, func() (err error) { t.services, err = s.client.total(ctx, serviceList()); return })
	sliceErr := ask(ctx, s, func() (err error) { t.slices, err = s.client.total(ctx, sliceList()); return })
	s.publish(func(f *advisor.Facts) {
		f.Totals = advisor.Totals{Services: totalFact(t.services, serviceErr), EndpointSlices: totalFact(t.slices, sliceErr)}
		f.Services = advisor.UnknownFor[advisor.ServiceCounts](advisor.NotAsked, "being read")
		f.Endpoints = advisor.UnknownFor[advisor.EndpointCounts](advisor.NotAsked, "being read")
	})
	if serviceErr != nil && sliceErr != nil {
		return t, serviceErr
	}
	return t, nil
}

func totalFact(n int, err error) advisor.Fact[int] {
	switch {
	case err != nil:
		return partial[int](err)
	case n < 0:
		return advisor.UnknownFor[int](advisor.NotServed, "no remainingItemCount")
	}
	return advisor.KnownFrom(n, "list with limit=1")
}

// counts reads Services and EndpointSlices and joins them.
func (s *Survey) counts(ctx context.Context, t totals) {
	services := services{join: newJoin(t.services)}
	serviceErr := collect(ctx, s, serviceList(), t.services, "Services and what each mode would hold",
		func(o *corev1.Service) { services.add(o) })
	if serviceErr != nil {
		services.join = newJoin(0) // half of the Services would drop half of the slices
	}
	ends := endpoints{join: &services.join, unmatched: serviceErr != nil}
	sliceErr := collect(ctx, s, sliceList(), t.slices, "endpoints and what each mode would hold",
		func(o *discoveryv1.EndpointSlice) { ends.add(o) })

	counts := ends.counts()
	if !s.client.o.WithNames {
		counts.LargestName = ""
	}
	load, other, empty := services.join.load()
	spread := services.join.spread(load)
	services.WithoutEndpoints = empty
	s.publish(func(f *advisor.Facts) {
		f.Services = advisor.KnownFrom(services.ServiceCounts, "Services")
		f.Endpoints = advisor.KnownFrom(counts, "EndpointSlices of the counted Services")
		f.Load, f.OtherLoad, f.PortsByEndpoints = advisor.KnownFrom(load, loadSource), other, spread
		if sliceErr != nil {
			f.Services.Value.WithoutEndpoints = 0
			f.Services.Source = "Services; which of them have no endpoints is not known"
			f.Endpoints = partial[advisor.EndpointCounts](sliceErr)
			f.Load, f.OtherLoad = advisor.UnknownFor[advisor.Load](why(sliceErr), "EndpointSlices"), advisor.Fact[advisor.Load]{}
			f.PortsByEndpoints = nil
		}
		if serviceErr != nil {
			f.Services = partial[advisor.ServiceCounts](serviceErr)
			f.Endpoints.Source = "EndpointSlices, those of headless Services left out by their label; Services were not read in full"
			f.Load, f.OtherLoad = advisor.UnknownFor[advisor.Load](why(serviceErr), "Services"), advisor.Fact[advisor.Load]{}
			f.PortsByEndpoints = nil
		}
	})
}

// partial is a fact whose read failed or stopped.
func partial[T any](err error) advisor.Fact[T] {
	f := advisor.UnknownFor[T](why(err), "")
	if f.Why == advisor.Failed {
		f.Detail = cleanText(oneLine(err))
	}
	return f
}
