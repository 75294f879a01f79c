package extract

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// The forest is a sum of decision trees that says, of a unit, how much it
// looks like main text: the logarithm of the odds. It was grown by gradient
// boosting on the tuned halves of the sets that bench/reading measures on (see
// bench/reading/grow.py), and is kept as text so that a new one can be compared.
//
// Format: the trees one after the other, each in preorder, one node a line. An
// inner node is "FEATURE THRESHOLD": the next line begins the tree to follow if
// the feature is not above the threshold, and after that tree the other begins.
// A leaf is "VALUE".
//
//go:embed forest.txt
var forestText string

// A split is a node of a tree; a leaf if feature is -1.
type split struct {
	feature int32
	right   int32 // index of the right child; the left one follows the node
	value   float32
}

type forest struct {
	nodes []split
	roots []int32
}

// theForest is parsed when it is first needed.
var theForest = sync.OnceValue(func() *forest { return parseForest(forestText) })

func parseForest(text string) *forest {
	f := &forest{}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var open []int32 // inner nodes whose right child is to come
	root := true
	for _, line := range lines {
		at := int32(len(f.nodes))
		if root {
			f.roots = append(f.roots, at)
			root = false
		}
		feature, value, inner := strings.Cut(line, " ")
		n := split{feature: -1}
		if inner {
			i, _ := strconv.Atoi(feature)
			n.feature = int32(i)
		} else {
			value = feature
		}
		v, _ := strconv.ParseFloat(value, 32)
		n.value = float32(v)
		f.nodes = append(f.nodes, n)
		if inner {
			open = append(open, at)
			continue
		}
		// a leaf ends left children until one has its right child to come
		for {
			if len(open) == 0 {
				root = true
				break
			}
			up := open[len(open)-1]
			if f.nodes[up].right == 0 {
				f.nodes[up].right = at + 1
				break
			}
			open = open[:len(open)-1]
		}
	}
	return f
}

// odds sums up the trees for one unit.
func (f *forest) odds(x []float32) float32 {
	sum := float32(0)
	for _, i := range f.roots {
		for f.nodes[i].feature >= 0 {
			if n := &f.nodes[i]; x[n.feature] <= n.value {
				i++
			} else {
				i = n.right
			}
		}
		sum += f.nodes[i].value
	}
	return sum
}
