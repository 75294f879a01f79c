package extract

// How tracked changes are written in a text, in documents as in pages: text
// that was struck out is kept, and marked, so that it never reads as if it
// were in force; text that was put in reads as it would when accepted.
const (
	struckOpen  = "[-"
	struckClose = "-]"
)
