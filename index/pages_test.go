package index

// pages are the wordings of the corpus, in the order in which they were read.
// All of it is invented.
var pages = []struct {
	day               int
	source, lang, url string
	text              string
}{
	{0, "be-office", "en", "https://office.example/en/centres", `
		# Closed centres
		~ Skip to content
		~ This site uses cookies.
		The Office runs six closed centres with 751 places in all.
		A person may be held in a closed centre for two months; the period may be extended.
		## Capacity
		| Centre | Places
		| Northport | 112
		| Southgate | 140
		## Visits
		Visitors shall register two days before.
		Children of third-country nationals are not detained.
		~ Funded by the return programme
		~ Funded by the return programme
		~ Contact the Office
	`},
	{0, "be-office", "fr", "https://office.example/fr/centres", `
		# Centres fermés
		~ Aller au contenu
		L’Office gère six centres fermés, soit 751 places au total.
		L’étranger peut être maintenu pendant deux mois ; ce délai peut être prolongé.
		## Retour volontaire
		Le retour volontaire est préféré à l’éloignement.
		Les demandeurs d’asile déboutés reçoivent un ordre de quitter le territoire.
	`},
	{0, "be-office", "nl", "https://office.example/nl/centra", `
		# Gesloten centra
		~ Naar de inhoud
		De Dienst beheert zes gesloten centra met samen 751 plaatsen.
		De vreemdeling kan twee maanden worden vastgehouden.
		## Vrijwillige terugkeer
		Vrijwillige terugkeer krijgt voorrang op gedwongen terugkeer.
		Het aanklampend terugkeerbeleid begeleidt elke persoon met ICAM-coaching.
	`},
	{1, "be-court", "fr", "https://court.example/arrets/12", `
		# Arrêt n° 12 du 3 mars 2026
		## Sur le droit à l’accueil
		Le demandeur de protection internationale a droit à l’accueil dès sa demande.
		L’Agence est condamnée à une astreinte de 1 000 euros par jour de retard.
		Le recours est suspensif de plein droit.
		## Dispositif
		La cour annule la décision du 14 janvier 2026.
	`},
	{2, "eu-press", "en", "https://press.example/return-hubs", `
		# Questions and answers on return hubs
		A return hub is a facility in a third country to which people without a right to stay may be sent.
		Member States may conclude an agreement or arrangement with a third country.
		The proposal COM(2025) 101 repeals Directive 2008/115/EC.
		An entry ban may last up to ten years; in the case of a security risk it may be extended.
		The colour of the card shall be blue. Mutual recognition is voluntary until 1 July 2027.
	`},
	{3, "de-amt", "de", "https://amt.example/rueckkehr", `
		# Rückkehr und Rückführung
		Die Rückkehrentscheidung setzt eine Frist für die freiwillige Ausreise.
		Rückkehrzentren in Drittstaaten sind nach der Verordnung möglich.
		Gegen die Abschiebungshaft ist die Beschwerde zulässig. Sie hat keine aufschiebende Wirkung.
		Straßen und Grüße: die Maßnahmen gelten für alle Ausländer.
	`},
	{4, "eu-press", "nl", "https://press.example/nl/terugkeerhubs", `
		# Vragen over terugkeerhubs
		Een terugkeerhub ligt in een derde land.
		Het inreisverbod kan tot tien jaar duren.
		De re-integratie wordt ondersteund.
	`},
	{10, "be-office", "en", "https://office.example/en/centres", `
		# Closed centres
		~ Skip to content
		~ This site uses cookies.
		The Office runs seven closed centres with 1 145 places in all.
		A person may be held in a closed centre for two months; the period may be extended.
		## Capacity
		| Centre | Places
		| Northport | 112
		| Southgate | 140
		| Eastfield | 394
		## Visits
		Visitors may register two days before.
		Children of third-country nationals are not detained.
		~ Funded by the return programme
		~ Contact the Office
	`},
	{12, "be-court", "fr", "https://court.example/arrets/12", "gone"},
	{14, "be-office", "en", "https://office.example/en/hub", `
		# Return hub in a partner country
		The Minister announced a return hub. <b>No agreement</b> & no date yet.
		The Office runs seven closed centres with 1 145 places in all.
		It will need an interdiction of entry, and reintegration support.
	`},
	{20, "be-office", "fr", "https://office.example/fr/centres", `
		# Centres fermés et retour
		~ Aller au contenu
		L’Office gère sept centres fermés, soit 1.145 places au total.
		L’étranger peut être maintenu pendant deux mois ; ce délai peut être prolongé.
		## Retour volontaire
		Le retour volontaire est préféré à l’éloignement.
		Les demandeurs d’asile déboutés reçoivent un ordre de quitter le territoire.
		Un hub de retour est à l’étude.
	`},
	{21, "be-office", "it", "https://office.example/it/centri", `
		# Centri chiusi
		L’Ufficio gestisce sette centri chiusi, ma nessun return hub.
	`},
}

// statutes are the wordings of a law, in four languages, and of what cites it.
// All of it is invented, but for the number.
var statutes = []struct {
	day                         int
	source, lang, url, document string
	text                        string
}{
	{22, "eu-law", "en", "https://law.example/eli/dir/2008/115/oj/en", "dir-2008-115", `
		# Directive 2008/115/EC on common standards
		## Article 7 Voluntary departure
		A return decision shall provide for a period for voluntary departure of between seven and thirty days.
		## Article 13 Remedies
		The person shall be afforded an effective remedy. The remedy shall have suspensive effect.
		Legal aid as such has no suspensive effect.
		## Article 15 Detention
		Any detention shall be for as short a period as possible. Detention shall be ordered in writing.
		The initial period of detention may not exceed six months.
	`},
	{22, "eu-law", "fr", "https://law.example/eli/dir/2008/115/oj/fr", "dir-2008-115", `
		# Directive 2008/115/CE relative aux normes communes
		## Article 7 Départ volontaire
		La décision de retour prévoit un délai de sept à trente jours pour le départ volontaire.
		## Article 13 Voies de recours
		La personne dispose d’une voie de recours effective. Le recours a un effet suspensif.
		## Article 15 Rétention
		Toute rétention est aussi brève que possible. La rétention est ordonnée par écrit.
	`},
	{22, "eu-law", "nl", "https://law.example/eli/dir/2008/115/oj/nl", "dir-2008-115", `
		# Richtlijn 2008/115/EG over gemeenschappelijke normen
		## Artikel 7 Vrijwillig vertrek
		In een terugkeerbesluit wordt een termijn voor vrijwillig vertrek van zeven tot dertig dagen vastgesteld.
		## Artikel 13 Rechtsmiddelen
		De betrokkene heeft een doeltreffend rechtsmiddel. Het rechtsmiddel heeft schorsende werking.
		## Artikel 15 Bewaring
		De bewaring is zo kort mogelijk. De vreemdelingenbewaring wordt schriftelijk gelast.
	`},
	{22, "eu-law", "de", "https://law.example/eli/dir/2008/115/oj/de", "dir-2008-115", `
		# Richtlinie 2008/115/EG über gemeinsame Normen
		## Artikel 7 Freiwillige Ausreise
		Eine Rückkehrentscheidung sieht eine Ausreisefrist zwischen sieben und dreißig Tagen vor.
		## Artikel 13 Rechtsbehelfe
		Die Person hat einen wirksamen Rechtsbehelf. Der Rechtsbehelf hat aufschiebende Wirkung.
		## Artikel 15 Haft
		Die Haftdauer ist so kurz wie möglich. Die Abschiebungshaft wird schriftlich angeordnet.
	`},
	{23, "be-court", "en", "https://court.example/judgments/999-24", "", `
		# Judgment of 5 May 2026 in Case C-999/24
		The request concerns Article 13 of Directive 2008/115/EC.
		The Court recalls the procedure 2025/0059(COD) and its judgment C‑758/24.
		A period of detention of six months may be exceeded only if the law says so.
	`},
	{24, "be-court", "nl", "https://court.example/arresten/269083", "", `
		# Arrest nr. 269 083
		Zie RvV 28 februari 2026, nr. 269.083, over artikel 74/9 van de wet.
		## Art. 74/9
		De richtlijn 2008/115/EG staat opsluiting in de weg.
		## Art. 10bis
		Het besluit verwijst naar COM(2025) 101 en naar ECLI:EU:C:2025:17.
	`},
	{30, "eu-law", "en", "https://law.example/eli/dir/2008/115/oj/en", "dir-2008-115", `
		# Directive 2008/115/EC on common standards
		## Article 7 Voluntary departure
		A return decision may provide for a period for voluntary departure of up to seven days.
		## Article 13 Remedies
		The person shall be afforded an effective remedy.
		## Article 15 Detention
		Any detention shall be for as short a period as possible.
		Detention shall be ordered in writing.
		The initial period of detention may not exceed twelve months.
		Legal aid as such has no suspensive effect.
	`},
}
