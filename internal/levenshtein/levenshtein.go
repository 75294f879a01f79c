// Package levenshtein tells how far two words are apart.
package levenshtein

// Distance is how many letters must be put in, taken out or exchanged to make
// one word of the other. Whole words are meant: it takes time and memory by the
// product and the length of the two.
func Distance(a, b string) int {
	to := []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	i := 0
	for _, r := range a {
		diagonal := row[0]
		i++
		row[0] = i
		for j, s := range to {
			d := diagonal
			if r != s {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(to)]
}
