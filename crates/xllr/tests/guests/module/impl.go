package impl

import (
	"context"
	"errors"

	"example.com/impl/orderspb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Echo has protobuf's own messages, which protobuf's own functions take.
func Echo(ctx context.Context, order *orderspb.Order, more []*orderspb.Order, kind orderspb.Kind, named map[string]*orderspb.Order, at *timestamppb.Timestamp) (*orderspb.Order, []*orderspb.Order, orderspb.Kind, map[string]*orderspb.Order, *timestamppb.Timestamp, error) {
	if order == nil {
		return nil, nil, 0, nil, nil, errors.New("no order")
	}
	bytes, err := proto.Marshal(order)
	if err != nil {
		return nil, nil, 0, nil, nil, err
	}
	again := new(orderspb.Order)
	if err := proto.Unmarshal(bytes, again); err != nil {
		return nil, nil, 0, nil, nil, err
	}
	return again, more, kind, named, at, ctx.Err()
}
