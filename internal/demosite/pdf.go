package demosite

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/go-pdf/fpdf"
)

// pdf serves the annual report: three pages, each with the same funder's line
// at its foot.
func (s *Site) pdf(w http.ResponseWriter, step int) {
	figure := "1,204"
	if step >= 5 {
		figure = "1,377"
	}
	chapters := []struct{ head, text string }{
		{"1. Voluntary return", "In the past year " + figure + " people were helped to return voluntarily. Most of them left within the period that the return decision gave them. The agency works with partner organisations in 42 countries."},
		{"2. Detention", "Detention is a measure of last resort. The average stay in a closed centre was 38 days. Nobody was held for longer than eight months. Children were not detained."},
		{"3. Reception", "The reception network had 34,500 places at the end of the year, of which 31,020 were in use. People with special needs were placed first."},
	}
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCatalogSort(true) // the same bytes each time
	doc.SetCreationDate(time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC))
	doc.SetModificationDate(time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC))
	doc.SetTitle("Annual report on return and reception", true)
	doc.SetFooterFunc(func() {
		doc.SetY(-20)
		doc.SetFont("Helvetica", "I", 8)
		doc.CellFormat(0, 5, "Funded by the Example Fund for Asylum and Return. The views expressed are those of the authors only.", "", 1, "C", false, 0, "")
		doc.CellFormat(0, 5, fmt.Sprintf("Page %d", doc.PageNo()), "", 0, "C", false, 0, "")
	})
	for i, c := range chapters {
		doc.AddPage()
		if i == 0 {
			doc.SetFont("Helvetica", "B", 20)
			doc.MultiCell(0, 10, "Annual report on return and reception", "", "L", false)
			doc.Ln(6)
		}
		doc.SetFont("Helvetica", "B", 14)
		doc.MultiCell(0, 8, c.head, "", "L", false)
		doc.Ln(2)
		doc.SetFont("Helvetica", "", 11)
		doc.MultiCell(0, 6, c.text, "", "L", false)
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Write(b.Bytes())
}
