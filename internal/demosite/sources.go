package demosite

import "strings"

// Sources is a sources.yaml that watches the site at host ("127.0.0.1:1234").
// Every page is looked at as often as schedule says.
func Sources(host, schedule string) []byte {
	return []byte(strings.NewReplacer("HOST", host, "SCHEDULE", schedule).Replace(sources))
}

// Host is the host that a sources.yaml made by [Sources] watches; ok is false
// if the file is another.
func Host(yaml []byte) (host string, ok bool) {
	head, _, _ := strings.Cut(sources, "HOST")
	rest, ok := strings.CutPrefix(string(yaml), head)
	host, _, found := strings.Cut(rest, ": {")
	return host, ok && found
}

const sources = `# What ` + "`veille demo`" + ` watches: its own small site.
hosts:
  HOST: {min_delay: 0s}
institutions:
  demo-ministry: {en: Ministry for Return and Reception, fr: Ministère du Retour et de l’Accueil, nl: Ministerie voor Terugkeer en Opvang}
  demo-court: Court of Appeal for Aliens Cases
  demo-agency: {en: Agency for Return and Reception}
sources:
  - id: demo-ministry
    name: {en: Ministry for Return and Reception, fr: Ministère du Retour et de l’Accueil, nl: Ministerie voor Terugkeer en Opvang}
    institution: demo-ministry
    kind: government
    jurisdiction: BE
    topics: [closed-centres, appeals, reception-right]
    schedule: "SCHEDULE"
    pages:
      - {en: "http://HOST/en/closed-centres", fr: "http://HOST/fr/centres-fermes", nl: "http://HOST/nl/gesloten-centra"}
      - {en: "http://HOST/en/return-decision", fr: "http://HOST/fr/decision-de-retour", nl: "http://HOST/nl/terugkeerbesluit"}
      - {en: "http://HOST/en/reception", fr: "http://HOST/fr/accueil", nl: "http://HOST/nl/opvang"}
      - {en: "http://HOST/en/return-bonus"}
      - {en: "http://HOST/en/statistics"}
  - id: demo-news
    name: {en: Ministry news}
    institution: demo-ministry
    kind: government
    jurisdiction: BE
    topics: [return-hubs, voluntary-return]
    schedule: "SCHEDULE"
    follow: {from: "http://HOST/en/news", links: "main a", allow: ["/en/news/"], limit: 20, lang: en}
  - id: demo-court
    name: {en: Court of Appeal for Aliens Cases}
    institution: demo-court
    kind: court
    jurisdiction: BE
    topics: [appeals, detention-conditions]
    schedule: "SCHEDULE"
    feed: http://HOST/feed.xml
  - id: demo-report
    name: {en: Annual report on return and reception}
    institution: demo-agency
    kind: government
    jurisdiction: BE
    topics: [statistics, voluntary-return]
    schedule: "SCHEDULE"
    pages:
      - {en: "http://HOST/reports/annual.pdf"}
`
