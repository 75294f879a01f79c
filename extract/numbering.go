package extract

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
)

// A numbering counts the numbered paragraphs of a document, as Word does:
// lists (w:num) that share an abstract list share its counters, and a
// paragraph of one level starts the deeper levels anew.
type numbering struct {
	abstract map[string]*[9]listLevel
	lists    map[string]*numList
	counters map[string]*[9]int // by abstract list
}

type numList struct {
	abstract string
	levels   map[int]listLevel // levels that the list has of its own
	restart  map[int]int       // start values of its own
	begun    bool
}

// A listLevel is how the paragraphs of one level are numbered.
type listLevel struct {
	format, text string
	start        int
}

func (w *docx) readNumbering(x *xmlStream) error {
	n := &w.lists
	n.abstract, n.lists, n.counters = map[string]*[9]listLevel{}, map[string]*numList{}, map[string]*[9]int{}
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "abstractNum":
			levels := &[9]listLevel{}
			n.abstract[value(&e, "abstractNumId")] = levels
			return x.each(func(e xml.StartElement) error {
				if e.Name.Local != "lvl" {
					return x.skip()
				}
				l, err := readLevel(x)
				levels[min(number(value(&e, "ilvl")), 8)] = l
				return err
			}, nil)
		case "num":
			l := &numList{levels: map[int]listLevel{}, restart: map[int]int{}}
			n.lists[value(&e, "numId")] = l
			return l.read(x)
		}
		return x.skip()
	}, nil)
}

func readLevel(x *xmlStream) (listLevel, error) {
	l := listLevel{start: 1}
	err := x.each(func(e xml.StartElement) error {
		switch v := value(&e, "val"); e.Name.Local {
		case "start":
			l.start = number(v)
		case "numFmt":
			l.format = v
		case "lvlText":
			l.text = v
		}
		return x.skip()
	}, nil)
	return l, err
}

func (l *numList) read(x *xmlStream) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "abstractNumId":
			l.abstract = value(&e, "val")
		case "lvlOverride":
			level := min(number(value(&e, "ilvl")), 8)
			return x.each(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "startOverride":
					l.restart[level] = number(value(&e, "val"))
				case "lvl":
					var err error
					l.levels[level], err = readLevel(x)
					return err
				}
				return x.skip()
			}, nil)
		}
		return x.skip()
	}, nil)
}

var levelMark = regexp.MustCompile(`%[1-9]`)

// next counts one paragraph and returns the mark before it: "•" for bullets,
// "" for levels without a number.
func (n *numbering) next(num string, level int) string {
	list := n.lists[num]
	if list == nil || n.abstract[list.abstract] == nil {
		return ""
	}
	count := n.counters[list.abstract]
	if count == nil {
		count = &[9]int{}
		for i := range count {
			count[i] = n.abstract[list.abstract][i].start - 1
		}
		n.counters[list.abstract] = count
	}
	if !list.begun {
		list.begun = true
		for l, start := range list.restart {
			count[l] = start - 1
		}
	}
	count[level]++
	for l := level + 1; l < 9; l++ {
		count[l] = n.level(list, l).start - 1
	}
	own := n.level(list, level)
	switch own.format {
	case "bullet":
		return "•"
	case "none":
		return ""
	}
	return strings.TrimSpace(levelMark.ReplaceAllStringFunc(own.text, func(m string) string {
		l := int(m[1] - '1')
		at := n.level(list, l)
		if l < level && count[l] < at.start {
			count[l] = at.start // a level that was passed over counts as begun
		}
		return counted(count[l], at.format)
	}))
}

func (n *numbering) level(l *numList, level int) listLevel {
	if own, ok := l.levels[level]; ok {
		return own
	}
	return n.abstract[l.abstract][level]
}

// counted writes a number in one of the formats of Word and OpenDocument.
func counted(n int, format string) string {
	switch format {
	case "lowerLetter", "a":
		return lettered(n, 'a')
	case "upperLetter", "A":
		return lettered(n, 'A')
	case "lowerRoman", "i":
		if n > 0 && n < 4000 {
			return strings.ToLower(roman(n))
		}
	case "upperRoman", "I":
		if n > 0 && n < 4000 {
			return roman(n)
		}
	case "decimalZero":
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
	}
	return strconv.Itoa(n)
}

// lettered counts a … z, aa, bb … zz, as Word does.
func lettered(n int, first rune) string {
	if n < 1 || n > 26*9 {
		return strconv.Itoa(n)
	}
	return strings.Repeat(string(first+rune((n-1)%26)), (n-1)/26+1)
}
