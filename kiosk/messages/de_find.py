"""German for finding and choosing: search, scan, product, cart. Keys are the English source texts."""

MESSAGES = {
    # search
    "Name, brand or number": "Name, Marke oder Nummer",
    "All": "Alle",
    "Hide the keys": "Tasten ausblenden",
    "Asking our partners": "Wir fragen unsere Partner",
    "Prices from {time}, checked again before you pay": "Preise von {time}, vor dem Bezahlen neu geprüft",
    "Nothing found for “{words}”": "Nichts gefunden für „{words}“",
    "Nothing here yet": "Hier ist noch nichts",
    "No partner has this right now, not even spelled a little differently. Try another word for it.": (
        "Das hat gerade kein Partner, auch nicht etwas anders geschrieben. Bitte ein anderes Wort dafür versuchen."
    ),
    "Found for one word alone:": "Für ein Wort allein gibt es:",
    "Or look in:": "Oder hier schauen:",
    "Nothing found with these filters": "Mit diesen Filtern ist nichts da",
    "Nothing found for “{words}” with these filters": "Nichts für „{words}“ mit diesen Filtern",
    "Clear the filters": "Filter löschen",
    "Showing results for": "Ergebnisse für",
    "There is no word or number in this to look for.": "Darin ist kein Wort und keine Zahl zum Suchen.",
    "The same in another colour or size": "Dasselbe in anderer Farbe oder Größe",
    "See the others": "Die anderen ansehen",
    "Or something like it": "Oder etwas Ähnliches",
    "Did you mean:": "Meinten Sie:",
    "Nothing has all of these words. Left out:": "Nichts hat alle diese Wörter. Weggelassen:",
    "{number}+": "{number}+",
    "More than {number} products": "Mehr als {number} Artikel",
    "more than {number} left": "noch mehr als {number}",
    "Filter": "Filter",
    "Clear all": "Alle löschen",
    "Take away: {name}": "Wegnehmen: {name}",
    "Can be sent now": "Jetzt lieferbar",
    "Only what can be sent now": "Nur was jetzt lieferbar ist",
    "Size {size}": "Größe {size}",
    "Price": "Preis",
    "Brand": "Marke",
    "Sent by": "Geschickt von",
    "{price} and more": "ab {price}",
    "Under {price}": "unter {price}",
    "{low} to {high}": "{low} bis {high}",
    "about {number}": "etwa {number}",
    "Show more than {number}": "Mehr als {number} zeigen",
    "Counting": "Wird gezählt",
    "The filters do not work right now. The results are still there.": (
        "Die Filter gehen gerade nicht. Die Ergebnisse sind noch da."
    ),
    "None begins like this": "So beginnt nichts",
    "Type how it begins": "Den Anfang eingeben",
    "Done": "Fertig",
    "Scan the tag": "Etikett scannen",
    "Show everything": "Alles zeigen",
    "The search does not work right now": "Die Suche geht gerade nicht",
    "Please try again, scan the tag, or ask an associate.": (
        "Bitte noch einmal versuchen, das Etikett scannen oder das Personal fragen."
    ),
    "Try again": "Noch einmal",
    "The products are not on this device yet": "Die Artikel sind noch nicht auf diesem Gerät",
    "They come as soon as the store is online again. Nothing needs to be done here.": (
        "Sie kommen, sobald der Laden wieder online ist. Hier ist nichts zu tun."
    ),
    "Back to the start": "Zum Anfang",
    "Type more words to find them": "Mit mehr Wörtern findet man sie",
    # scan
    "Type the number under the barcode": "Die Nummer unter dem Strichcode eingeben",
    "8, 12, 13 or 14 digits": "8, 12, 13 oder 14 Ziffern",
    "Find it": "Finden",
    "Starting the camera": "Die Kamera startet",
    "Hold the tag's barcode inside the frame": "Den Strichcode in den Rahmen halten",
    "Got it": "Gelesen",
    "The picture is dark. Is the lens covered?": "Das Bild ist dunkel. Ist die Linse verdeckt?",
    "The camera does not answer.": "Die Kamera antwortet nicht.",
    "The camera gives no picture": "Die Kamera zeigt kein Bild",
    "Type the number under the barcode, or use the hand scanner: it works on every screen.": (
        "Die Nummer unter dem Strichcode eingeben oder den Handscanner nehmen: Er geht auf jeder Seite."
    ),
    "Type the number": "Nummer eingeben",
    "Try the camera again": "Kamera noch einmal versuchen",
    "Search by name": "Nach Namen suchen",
    "Asking our partners about this number": "Wir fragen unsere Partner nach dieser Nummer",
    "See it": "Ansehen",
    "Scan another": "Weiteres scannen",
    "Type another number": "Andere Nummer eingeben",
    "Others of it can be sent": "Andere davon sind lieferbar",
    "Which one is it?": "Welcher Artikel ist es?",
    "This number is on more than one product.": "Diese Nummer tragen mehrere Artikel.",
    "Which one?": "Welcher davon?",
    "Choose by its number, or hold up only one.": "Nach der Nummer wählen oder nur eines hochhalten.",
    "There is more than one tag here": "Hier sind mehrere Etiketten",
    "There are more. Hold up fewer tags at a time.": "Es sind noch mehr. Bitte weniger Etiketten auf einmal zeigen.",
    "There are more. Search by name to see them all.": "Es gibt noch mehr. Die Suche nach Namen zeigt alle.",
    "Is it this one?": "Ist es dieser Artikel?",
    "The bars are too blurred to be sure. Please compare.": (
        "Die Striche sind zu unscharf, um sicher zu sein. Bitte vergleichen."
    ),
    "Yes, this one": "Ja, dieser",
    "No, try again": "Nein, noch einmal",
    "Hold it still, a little nearer or further away": "Ruhig halten, etwas näher oder weiter weg",
    "No partner here sells this": "Das verkauft hier kein Partner",
    "Check it against the tag, or search by name.": (
        "Bitte mit dem Etikett vergleichen oder nach dem Namen suchen."
    ),
    "This code could not be read": "Dieser Code ließ sich nicht lesen",
    "That did not work": "Das hat nicht geklappt",
    "Please try again, or ask an associate.": "Bitte noch einmal versuchen oder das Personal fragen.",
    "There is no number yet. Scan the code or type its digits.": (
        "Noch ist keine Nummer da. Den Code scannen oder die Ziffern eingeben."
    ),
    "A product number has only digits. Scan again or type the digits under the bars.": (
        "Eine Artikelnummer hat nur Ziffern. Noch einmal scannen oder die Ziffern unter den Strichen eingeben."
    ),
    "A product number has 8, 12, 13 or 14 digits. Check that none is missing or doubled.": (
        "Eine Artikelnummer hat 8, 12, 13 oder 14 Ziffern. Bitte prüfen, ob eine fehlt oder doppelt ist."
    ),
    "One of the digits is wrong: with the others as they are, the last would be {expected}. "
    "Compare them with the code and try again.": (
        "Eine der Ziffern stimmt nicht: Zu den anderen würde als letzte {expected} gehören. "
        "Bitte mit dem Code vergleichen und noch einmal versuchen."
    ),
    "This code is too long for a product's code. Please scan the bars on the price tag.": (
        "Dieser Code ist zu lang für einen Artikel. Bitte die Striche auf dem Preisschild scannen."
    ),
    "This looks like a card number. Please never type or swipe a card here.": (
        "Das sieht nach einer Kartennummer aus. Bitte hier nie eine Karte eingeben oder durchziehen."
    ),
    "This code names more than one product. Please type the number under the bars.": (
        "Dieser Code nennt mehr als einen Artikel. Bitte die Nummer unter den Strichen eingeben."
    ),
    # product
    "Colour and size": "Farbe und Größe",
    "Colour": "Farbe",
    "Size": "Größe",
    "Length": "Länge",
    "Diameter": "Durchmesser",
    "Capacity": "Inhalt",
    "Scent": "Duft",
    "Who can send it": "Wer es schicken kann",
    "Checking prices": "Preise werden geprüft",
    "From {time}, checked again": "Von {time}, wird neu geprüft",
    "No partner has this one right now. Please choose another size or colour.": (
        "Das hat gerade kein Partner. Bitte eine andere Größe oder Farbe wählen."
    ),
    "No partner has it right now. Please ask an associate, or look at what is like it.": (
        "Das hat gerade kein Partner. Bitte das Personal fragen oder Ähnliches ansehen."
    ),
    "{partner} has just sold out of it.": "Bei {partner} ist es gerade ausverkauft.",
    "Show {name}": "{name} zeigen",
    "with delivery": "mit Versand",
    "Add to cart": "In den Warenkorb",
    "Go to cart": "Zum Warenkorb",
    "Keep looking": "Weiter stöbern",
    "Sold out": "Ausverkauft",
    "You already have all that {partner} can send.": "Mehr kann {partner} nicht schicken.",
    "You may also like": "Das könnte auch gefallen",
    "What can be sent instead": "Das ist stattdessen lieferbar",
    "This product is not sold any more": "Diesen Artikel gibt es nicht mehr",
    "No partner lists it. Please search for something like it, or scan another tag.": (
        "Kein Partner führt ihn. Bitte nach Ähnlichem suchen oder ein anderes Etikett scannen."
    ),
    "This one is sold out. Please choose another partner or size.": (
        "Das ist ausverkauft. Bitte einen anderen Partner oder eine andere Größe wählen."
    ),
    "These are sold in different currencies. Please order them one after the other.": (
        "Diese gibt es nur in verschiedenen Währungen. Bitte nacheinander bestellen."
    ),
    # cart
    "Your cart": "Ihr Warenkorb",
    "Your cart is empty": "Ihr Warenkorb ist leer",
    "Scan a tag or search for what you could not find on the shelf.": (
        "Etikett scannen oder suchen, was im Regal nicht zu finden war."
    ),
    "Sent by {partner}": "Geschickt von {partner}",
    "Parcel {number} of {total}": "Paket {number} von {total}",
    "leaves {day}": "geht {day} ab",
    "Delivery after the address": "Versand nach der Adresse",
    "{price} delivery": "{price} Versand",
    "{price} each": "je {price}",
    "{name} was taken out.": "{name} ist herausgenommen.",
    "Undo": "Zurückholen",
    "The price is now {new}, it was {old}.": "Der Preis ist jetzt {new}, er war {old}.",
    "Take it for {price}": "Für {price} nehmen",
    "This has sold out since you chose it.": "Das ist inzwischen ausverkauft.",
    "Take it out": "Herausnehmen",
    "Add something else": "Noch etwas dazu",
    "Summary": "Zusammenfassung",
    "Prices are checked before you pay": "Preise werden vor dem Bezahlen geprüft",
    "Check out": "Zur Kasse",
}

PLURALS = {
    "Show {count} products": {"one": "{count} Artikel zeigen", "other": "{count} Artikel zeigen"},
    "All {count}": {"one": "{count} zeigen", "other": "Alle {count}"},
    "{count} more. Type to find them": {
        "one": "{count} weiterer. Zum Finden tippen",
        "other": "{count} weitere. Zum Finden tippen",
    },
    "Without them there are {count} products. Or take away only one of them.": {
        "one": "Ohne sie gibt es {count} Artikel. Oder nur einen davon wegnehmen.",
        "other": "Ohne sie gibt es {count} Artikel. Oder nur einen davon wegnehmen.",
    },
    "{count} products": {"one": "{count} Artikel", "other": "{count} Artikel"},
    "Show {count} more": {"one": "{count} weiteren zeigen", "other": "{count} weitere zeigen"},
    "{count} left": {"one": "noch {count}", "other": "noch {count}"},
    "{count} more products": {"one": "{count} weiterer Artikel", "other": "{count} weitere Artikel"},
    "{count} partners, best first": {
        "one": "{count} Partner",
        "other": "{count} Partner, der beste zuerst",
    },
    "{count} items, with delivery and VAT": {
        "one": "{count} Artikel, mit Versand und MwSt.",
        "other": "{count} Artikel, mit Versand und MwSt.",
    },
    "{count} items, delivery comes on top": {
        "one": "{count} Artikel, der Versand kommt dazu",
        "other": "{count} Artikel, der Versand kommt dazu",
    },
    "Only {count} are left now.": {
        "one": "Jetzt ist nur noch {count} da.",
        "other": "Jetzt sind nur noch {count} da.",
    },
    "Take {count}": {"one": "{count} nehmen", "other": "{count} nehmen"},
}
