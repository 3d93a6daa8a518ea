"""German. Keys are the English source texts; a missing one is shown in English."""

MESSAGES = {
    "Not on the shelf?": "Nicht im Regal?",
    "We have it.": "Wir haben es.",
    "Scan the tag or search. We send it to your door from our partners.": (
        "Etikett scannen oder suchen. Unsere Partner schicken es Ihnen nach Hause."
    ),
    "Scan a tag": "Etikett scannen",
    "Search products": "Artikel suchen",
    "Find my order": "Meine Bestellung",
    "Staff": "Personal",
    "Back": "Zurück",
    "Cart": "Warenkorb",
    "Scan": "Scannen",
    "Search": "Suchen",
    "In stock": "Auf Lager",
    "Few left": "Nur noch wenige",
    "Not available": "Nicht lieferbar",
    "Check again": "Wird geprüft",
    "Best choice": "Beste Wahl",
    "Free delivery": "Versand frei",
    "{price} + {shipping} delivery": "{price} + {shipping} Versand",
    "by {day}": "bis {day}",
    "Delivery": "Versand",
    "Free": "Kostenlos",
    "After the address": "Nach der Adresse",
    "Total": "Summe",
    "VAT included": "inkl. MwSt.",
    "{name}, available": "{name}, lieferbar",
    "{name}, few left": "{name}, nur noch wenige",
    "{name}, not available": "{name}, nicht lieferbar",
    "One less: {name}": "Eins weniger: {name}",
    "One more: {name}": "Eins mehr: {name}",
    "Remove: {name}": "Entfernen: {name}",
    "{step}, step {number} of {total}": "{step}, Schritt {number} von {total}",
    "QR code": "QR-Code",
    "Clear": "Alles löschen",
    "Delete": "Löschen",
    "Space": "Leertaste",
    "Go": "Los",
    "The store is offline. You can still search, order and pay at the till.": (
        "Der Laden ist gerade offline. Suchen, bestellen und an der Kasse zahlen geht weiterhin."
    ),
    "Are you still there?": "Sind Sie noch da?",
    "I'm done": "Ich bin fertig",
    "Yes, keep going": "Ja, weiter",
    "Something went wrong here. Please start over, or ask an associate.": (
        "Hier ist etwas schiefgegangen. Bitte neu beginnen oder das Personal fragen."
    ),
    "That did not work. Please try again, or ask an associate.": (
        "Das hat nicht geklappt. Bitte noch einmal versuchen oder das Personal fragen."
    ),
    "Close": "Schließen",
    "Start over": "Neu beginnen",
    "This page is not ready yet": "Diese Seite ist noch nicht fertig",
    "Please go back to the start and try another way.": "Bitte zurück zum Anfang und einen anderen Weg wählen.",
    "Only for staff": "Nur für Personal",
    "Please sign in to see this page.": "Bitte anmelden, um diese Seite zu sehen.",
    "Sign in": "Anmelden",
    "Lowest total and leaves first": "Niedrigste Summe und zuerst auf dem Weg",
    "Lowest total": "Niedrigste Summe",
    "Leaves first": "Zuerst auf dem Weg",
    "Lower price, but delivery costs extra": "Günstiger, aber mit Versandkosten",
    "Another way to get it": "Eine weitere Möglichkeit",
    "Prices in different currencies": "Preise in verschiedenen Währungen",
    "The only partner that can send it": "Nur dieser Partner kann liefern",
    "Sold out here": "Hier ausverkauft",
}

PLURALS = {
    "{count} items": {"one": "{count} Artikel", "other": "{count} Artikel"},
    "from {count} partners": {"one": "von {count} Partner", "other": "von {count} Partnern"},
    "{count} partners": {"one": "{count} Partner", "other": "{count} Partner"},
    "Only {count} left": {"one": "Nur noch {count}", "other": "Nur noch {count}"},
    "In {count} seconds we clear the cart and everything you typed, so that nobody else sees it.": {
        "one": "In {count} Sekunde löschen wir den Warenkorb und alles Getippte, damit es niemand sieht.",
        "other": "In {count} Sekunden löschen wir den Warenkorb und alles Getippte, damit es niemand sieht.",
    },
}
