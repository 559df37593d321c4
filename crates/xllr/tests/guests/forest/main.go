package main

func Plant(tree *Tree) *Tree { return tree }

func Tie(knot *Knot) *Knot { return knot }
