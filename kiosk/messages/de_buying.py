"""German for buying: checkout, confirmation, looking up an order. Keys are the English source texts."""

MESSAGES = {
    # checkout
    "Address": "Adresse",
    "Payment": "Zahlung",
    "Next": "Weiter",
    "Capitals": "Großbuchstaben",
    "Your order": "Ihre Bestellung",
    "Scan a tag or search, and choose something first.": "Bitte zuerst ein Etikett scannen oder suchen und etwas auswählen.",
    "Continue to delivery": "Weiter zum Versand",
    "Continue to payment": "Weiter zur Zahlung",
    # address
    "Where should it go?": "Wohin soll es gehen?",
    "Which country?": "Welches Land?",
    "Which region?": "Welche Region?",
    "Type the first letters": "Die ersten Buchstaben eingeben",
    "Nothing like that is on the list.": "So etwas steht nicht auf der Liste.",
    "Country": "Land",
    "Region": "Region",
    "Please choose": "Bitte wählen",
    "Full name": "Vor- und Nachname",
    "Street and number": "Straße und Hausnummer",
    "Extra line (optional)": "Zusatz (freiwillig)",
    "Postcode": "Postleitzahl",
    "Postcode (optional)": "Postleitzahl (freiwillig)",
    "Town": "Ort",
    "E-mail": "E-Mail",
    "Mobile phone (optional)": "Mobilnummer (freiwillig)",
    "For the receipt and news of the parcel": "Für den Beleg und Nachrichten zum Paket",
    "Only for the courier": "Nur für den Paketdienst",
    "Please type the name on the doorbell.": "Bitte den Namen eingeben, der an der Klingel steht.",
    "Please type an e-mail address. We write there when the parcel leaves.": (
        "Bitte eine E-Mail-Adresse eingeben. Wir schreiben dorthin, wenn das Paket losgeht."
    ),
    "Please type street and number.": "Bitte Straße und Hausnummer eingeben.",
    "Please type the town.": "Bitte den Ort eingeben.",
    "Please type this again: it contains characters that cannot be seen.": (
        "Bitte noch einmal eingeben: Es enthält unsichtbare Zeichen."
    ),
    "This looks like a card number. Please never type one here.": (
        "Das sieht nach einer Kartennummer aus. Bitte hier nie eine eingeben."
    ),
    "An e-mail address looks like name@example.com.": "Eine E-Mail-Adresse sieht so aus: name@example.com.",
    "A phone number looks like {example}.": "Eine Telefonnummer sieht so aus: {example}.",
    "This is usually needed in {country}.": "Das braucht eine Adresse in {country} üblicherweise.",
    "In {country} it looks like {example}.": "In {country} sieht das so aus: {example}.",
    "This does not look like {country}. Please check it.": "Das passt nicht zu {country}. Bitte prüfen.",
    "We cannot confirm this address. Please check it, or keep it as you typed it.": (
        "Wir können diese Adresse nicht bestätigen. Bitte prüfen oder so lassen."
    ),
    "Keep it": "So lassen",
    # delivery
    "How it arrives": "So kommt es an",
    "Asking our partners for price and date": "Wir fragen unsere Partner nach Preis und Termin",
    "Waiting for our partners": "Warten auf unsere Partner",
    "Back to the cart": "Zurück zum Warenkorb",
    "This cannot be sent as it is": "So kann es nicht verschickt werden",
    "We could not ask for delivery just now. Please try again, or ask an associate.": (
        "Wir konnten den Versand gerade nicht erfragen. Bitte noch einmal versuchen oder das Personal fragen."
    ),
    "Everything in the cart has just sold out. Please choose something else.": (
        "Alles im Warenkorb ist gerade ausverkauft. Bitte etwas anderes wählen."
    ),
    "From {partner}": "Von {partner}",
    "Parcel {number} of {count}, from {partner}": "Paket {number} von {count}, von {partner}",
    "On its way {by}": "Unterwegs {by}",
    "We write to you when it leaves": "Wir schreiben Ihnen, wenn es losgeht",
    "{partner} did not answer just now. These are the prices we saw last: you never pay more, "
    "but they may have to say no.": (
        "{partner} hat gerade nicht geantwortet. Das sind die zuletzt gesehenen Preise: Mehr zahlen Sie nie, "
        "aber es kann eine Absage kommen."
    ),
    "Delivery costs {new} now, it was {old} before.": "Der Versand kostet jetzt {new}, vorher {old}.",
    "This has changed since you chose it": "Das hat sich seit Ihrer Auswahl geändert",
    "Nothing is ordered yet. Agree to go on, or go back and change your cart.": (
        "Noch ist nichts bestellt. Stimmen Sie zu oder gehen Sie zurück und ändern Sie den Warenkorb."
    ),
    "Agree, {total}": "Einverstanden, {total}",
    "Cheaper now": "Jetzt günstiger",
    "Dearer now": "Jetzt teurer",
    "Fewer left": "Weniger vorrätig",
    "Just sold out": "Gerade ausverkauft",
    "None left": "Nichts mehr da",
    "Before": "Vorher",
    "Now": "Jetzt",
    # payment
    "How would you like to pay?": "Wie möchten Sie zahlen?",
    "At the till": "An der Kasse",
    "On your phone": "Mit dem Handy",
    "Gift card": "Geschenkkarte",
    "Not now": "Nicht jetzt",
    "Not at this kiosk yet": "An diesem Gerät noch nicht",
    "Pay {total} at the till, and come back with the receipt. We order as soon as you have typed its number.": (
        "Zahlen Sie {total} an der Kasse und kommen Sie mit dem Beleg zurück. "
        "Wir bestellen, sobald Sie seine Nummer eingegeben haben."
    ),
    "Receipt number": "Belegnummer",
    "As printed on the till's receipt": "Wie auf dem Kassenbeleg gedruckt",
    "Order now, paid at the till": "Jetzt bestellen, an der Kasse bezahlt",
    "Saving your order": "Ihre Bestellung wird gesichert",
    "Check the prices again": "Preise neu prüfen",
    "These prices are too old. Please check them once more.": "Diese Preise sind zu alt. Bitte noch einmal prüfen.",
    "Nothing was ordered, and nothing you typed is lost.": "Es wurde nichts bestellt, und nichts Getipptes ist verloren.",
    "Please type the number on the till's receipt.": "Bitte die Nummer vom Kassenbeleg eingeben.",
    "This looks like a card number. Please type the receipt's number, never a card.": (
        "Das sieht nach einer Kartennummer aus. Bitte die Nummer des Belegs eingeben, nie eine Karte."
    ),
    "A receipt number has at most 40 characters.": "Eine Belegnummer hat höchstens 40 Zeichen.",
    "This device cannot save orders right now, so nothing was ordered. Everything you typed is kept: "
    "please ask an associate, then try again.": (
        "Dieses Gerät kann gerade keine Bestellung sichern, deshalb wurde nichts bestellt. Alles Getippte bleibt: "
        "Bitte das Personal fragen und dann noch einmal versuchen."
    ),
    # confirmation
    "Your order number": "Ihre Bestellnummer",
    "What happens now": "Wie es weitergeht",
    "Today, {time}": "Heute, {time}",
    "Saved": "Gesichert",
    "Placed": "Bestellt",
    "On its way": "Unterwegs",
    "Delivered": "Zugestellt",
    "Usually within a minute": "Meist innerhalb einer Minute",
    "A partner does not answer just now. We keep trying": "Ein Partner antwortet gerade nicht. Wir versuchen es weiter",
    "We are making sure that it arrived. Nothing for you to do": "Wir prüfen, ob es angekommen ist. Sie müssen nichts tun",
    "Waiting for the store to be online": "Warten, bis der Laden online ist",
    "We will place it as soon as it is. Nothing for you to do": "Dann bestellen wir sofort. Sie müssen nichts tun",
    "Placed with {done} of {count} partners": "Bei {done} von {count} Partnern bestellt",
    "Some of it comes later than usual": "Ein Teil kommt später als üblich",
    "{done} of {count} parcels are on their way": "{done} von {count} Paketen sind unterwegs",
    "The price has changed": "Der Preis hat sich geändert",
    "Nothing was bought at another price. Please ask an associate.": (
        "Zu einem anderen Preis wurde nichts gekauft. Bitte das Personal fragen."
    ),
    "An associate is looking into it": "Das Personal kümmert sich darum",
    "Your order is safe. There is nothing for you to do.": "Ihre Bestellung ist sicher. Sie müssen nichts tun.",
    "A partner could not send it": "Ein Partner kann nicht liefern",
    "Nothing was bought. Please ask an associate for your money.": "Es wurde nichts gekauft. Ihr Geld gibt Ihnen das Personal zurück.",
    "Please ask an associate for your money.": "Ihr Geld gibt Ihnen das Personal zurück.",
    "This order is cancelled.": "Diese Bestellung ist storniert.",
    "Our partners could not send this. Please ask an associate for your money.": (
        "Unsere Partner können das nicht liefern. Ihr Geld gibt Ihnen das Personal zurück."
    ),
    "A part of your order could not be had. Please ask an associate for the money.": (
        "Ein Teil Ihrer Bestellung ist nicht zu bekommen. Das Geld dafür gibt Ihnen das Personal zurück."
    ),
    "Your order is saved. Something about it needs a person: please ask an associate.": (
        "Ihre Bestellung ist gesichert. Etwas daran muss ein Mensch klären: Bitte das Personal fragen."
    ),
    "Your order has arrived.": "Ihre Bestellung ist angekommen.",
    "Your order is on its way.": "Ihre Bestellung ist unterwegs.",
    "Thank you. Your order is placed.": "Danke. Ihre Bestellung ist aufgegeben.",
    "Thank you. Your order is saved and is being placed with our partners now.": (
        "Danke. Ihre Bestellung ist gesichert und geht jetzt an unsere Partner."
    ),
    "Order saved on this device. We will place it as soon as the store is online.": (
        "Die Bestellung ist auf diesem Gerät gesichert. Wir geben sie auf, sobald der Laden online ist."
    ),
    "Take a picture of this": "Machen Sie ein Foto davon",
    "Show it to a scanner here, or type the number, to see where your order is.": (
        "Hier an einen Scanner halten oder die Nummer eingeben, um zu sehen, wo Ihre Bestellung ist."
    ),
    "I'm done ({seconds})": "Ich bin fertig ({seconds})",
    "No order to show": "Keine Bestellung zu zeigen",
    "Look an order up by its number, or ask an associate.": "Bestellungen findet man mit ihrer Nummer, oder fragen Sie das Personal.",
    # orders
    "Where is my order?": "Wo ist meine Bestellung?",
    "Type the number, or show its code to a scanner.": "Die Nummer eingeben oder ihren Code an einen Scanner halten.",
    "Order number": "Bestellnummer",
    "E-mail or postcode of the order": "E-Mail oder Postleitzahl der Bestellung",
    "Please type the number from the mail or the screen.": "Bitte die Nummer aus der Mail oder vom Bildschirm eingeben.",
    "Please type one of the two, so that nobody else sees your order.": (
        "Bitte eins von beiden eingeben, damit niemand sonst Ihre Bestellung sieht."
    ),
    "Scan the code": "Code scannen",
    "Show my order": "Bestellung zeigen",
    "We have no order with these details on this device. Please check both, or ask an associate.": (
        "Auf diesem Gerät gibt es keine Bestellung mit diesen Angaben. Bitte beide prüfen oder das Personal fragen."
    ),
    "Order": "Bestellung",
    "Paid at the till": "An der Kasse bezahlt",
    "What happened": "Was geschehen ist",
    "Waiting for payment": "Wartet auf Zahlung",
    "Waiting to be sent": "Wartet auf den Versand an den Partner",
    "Being placed": "Wird bestellt",
    "Being checked": "Wird geprüft",
    "We are looking into it": "Wir kümmern uns darum",
    "Price has changed": "Preis hat sich geändert",
    "Comes later": "Kommt später",
    "Could not be had": "Nicht zu bekommen",
    "Cancelled": "Storniert",
    "Later than promised: {now} instead of {before}.": "Später als versprochen: {now} statt {before}.",
    "Cancel this order": "Bestellung stornieren",
    "Cancel the whole order?": "Die ganze Bestellung stornieren?",
    "What has not been sent yet is cancelled. You get your money back at the till.": (
        "Was noch nicht unterwegs ist, wird storniert. Ihr Geld bekommen Sie an der Kasse zurück."
    ),
    "Yes, cancel it": "Ja, stornieren",
    "Keep the order": "Bestellung behalten",
    "Asking our partners to cancel it": "Wir bitten unsere Partner um die Stornierung",
    "Cancelled. Please ask an associate for your money.": "Storniert. Ihr Geld gibt Ihnen das Personal zurück.",
    "We have asked our partners. They have not answered yet: please look here again later.": (
        "Wir haben unsere Partner gefragt. Sie haben noch nicht geantwortet: Bitte später noch einmal nachsehen."
    ),
    "This cannot be cancelled any more: a partner has sent it or said no.": (
        "Das lässt sich nicht mehr stornieren: Ein Partner hat es verschickt oder abgelehnt."
    ),
    "We could not cancel it just now. Please try again, or ask an associate.": (
        "Wir konnten gerade nicht stornieren. Bitte noch einmal versuchen oder das Personal fragen."
    ),
}

PLURALS = {
    "At most {count} characters, please.": {
        "one": "Bitte höchstens {count} Zeichen.",
        "other": "Bitte höchstens {count} Zeichen.",
    },
    "Being placed with {count} partners": {
        "one": "Wird bei {count} Partner bestellt",
        "other": "Wird bei {count} Partnern bestellt",
    },
    "Placed with {count} partners": {
        "one": "Bei {count} Partner bestellt",
        "other": "Bei {count} Partnern bestellt",
    },
    "Too many tries. Please wait {count} seconds, or ask an associate.": {
        "one": "Zu viele Versuche. Bitte {count} Sekunde warten oder das Personal fragen.",
        "other": "Zu viele Versuche. Bitte {count} Sekunden warten oder das Personal fragen.",
    },
    "Total, {count} items": {"one": "Summe, {count} Artikel", "other": "Summe, {count} Artikel"},
    "{count} digits in {country}, like {example}.": {
        "one": "{count} Ziffer in {country}, zum Beispiel {example}.",
        "other": "{count} Ziffern in {country}, zum Beispiel {example}.",
    },
    "{count} more: type the first letters.": {
        "one": "{count} weiteres: die ersten Buchstaben eingeben.",
        "other": "{count} weitere: die ersten Buchstaben eingeben.",
    },
    "{count} of {all} pieces could not be had.": {
        "one": "{count} von {all} Stück war nicht zu bekommen.",
        "other": "{count} von {all} Stück waren nicht zu bekommen.",
    },
    "{count} pieces": {"one": "{count} Stück", "other": "{count} Stück"},
    "{count} things need your attention. Everything else is kept.": {
        "one": "{count} Angabe braucht Ihre Aufmerksamkeit. Alles andere bleibt.",
        "other": "{count} Angaben brauchen Ihre Aufmerksamkeit. Alles andere bleibt.",
    },
}
