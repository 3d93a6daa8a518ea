"""German for the staff corner. Keys are the English source texts."""

MESSAGES = {
    "Who is it?": "Wer sind Sie?",
    "User name": "Benutzername",
    "Password": "Passwort",
    "One moment": "Einen Moment",
    "Please type your user name.": "Bitte den Benutzernamen eingeben.",
    "Please type your password.": "Bitte das Passwort eingeben.",
    "User name or password is not right. Please try again.": "Benutzername oder Passwort stimmt nicht. Bitte noch einmal.",
    "This sign-in is locked. A manager has to give you a new password.": (
        "Diese Anmeldung ist gesperrt. Die Leitung muss Ihnen ein neues Passwort geben."
    ),
    "Sign out": "Abmelden",
    "Dark theme": "Dunkle Ansicht",
    "Light theme": "Helle Ansicht",
    "Find order": "Bestellung finden",
    "Needs a person": "Braucht einen Menschen",
    "Nothing. All orders go their way.": "Nichts. Alle Bestellungen gehen ihren Weg.",
    "Decide": "Klären",
    "{number}: checking whether {partner} took it": "{number}: Wir prüfen, ob {partner} sie hat",
    "{number}: not as agreed any more at {partner}": "{number}: bei {partner} nicht mehr wie vereinbart",
    "{number}: {partner} booked something else": "{number}: {partner} hat etwas anderes gebucht",
    "{number}: we do not know if {partner} took it": "{number}: Wir wissen nicht, ob {partner} sie hat",
    "We keep asking them by ourselves. Call them if it takes long.": (
        "Das Programm fragt von selbst weiter. Bei langer Dauer bitte dort anrufen."
    ),
    "We do not know if they took it. Call them before sending it again.": (
        "Wir wissen nicht, ob sie es haben. Vor erneutem Senden dort anrufen."
    ),
    "We do not know if they took it, and asking again could order twice. Call them.": (
        "Wir wissen nicht, ob sie es haben, und erneutes Fragen könnte doppelt bestellen. Bitte dort anrufen."
    ),
    "They answer in a way that nobody understands. Call them and ask if they have it.": (
        "Die Antworten sind unverständlich. Bitte anrufen und fragen, ob sie es haben."
    ),
    "They have booked other things than were ordered. Call them.": "Dort ist etwas anderes gebucht als bestellt. Bitte anrufen.",
    "They have booked other quantities than were ordered. Call them.": (
        "Dort ist eine andere Menge gebucht als bestellt. Bitte anrufen."
    ),
    "They have booked it at another total than agreed. Call them.": (
        "Dort ist eine andere Summe gebucht als vereinbart. Bitte anrufen."
    ),
    "They have booked it in another currency than agreed. Call them.": (
        "Dort ist eine andere Währung gebucht als vereinbart. Bitte anrufen."
    ),
    "What is stored of it here is damaged. Do not send it again: call them and the help desk.": (
        "Was hier davon gespeichert ist, ist beschädigt. Nicht noch einmal senden: dort und beim Support anrufen."
    ),
    "They want another price now, so nothing was bought. Ask the customer.": (
        "Der Preis ist jetzt ein anderer, deshalb wurde nichts gekauft. Bitte die Kundschaft fragen."
    ),
    "They want another currency now, so nothing was bought. Ask the customer.": (
        "Die Währung ist jetzt eine andere, deshalb wurde nichts gekauft. Bitte die Kundschaft fragen."
    ),
    "The tax is another one now, so nothing was bought. Ask the customer.": (
        "Die Steuer ist jetzt eine andere, deshalb wurde nichts gekauft. Bitte die Kundschaft fragen."
    ),
    "They would send another product now, so nothing was bought. Ask the customer.": (
        "Sie würden jetzt ein anderes Produkt schicken, deshalb wurde nichts gekauft. Bitte die Kundschaft fragen."
    ),
    "Order queue": "Warteschlange",
    "not sent yet": "noch nicht gesendet",
    "oldest waits": "älteste wartet",
    "placed": "bestellt",
    "need a person": "brauchen einen Menschen",
    "cancelled or refused": "storniert oder abgelehnt",
    "not at head office yet": "noch nicht in der Zentrale",
    "Saved safely on this device. They go out by themselves.": "Sicher auf diesem Gerät. Sie gehen von selbst hinaus.",
    "Everything has been sent.": "Alles ist gesendet.",
    "Online": "Online",
    "Offline": "Offline",
    "Not connected": "Nicht verbunden",
    "Partners": "Partner",
    "Answers": "Antwortet",
    "Does not answer": "Antwortet nicht",
    "Not asked yet": "Noch nicht gefragt",
    "{products} products and {offers} offers are on this device.": (
        "{products} Produkte und {offers} Angebote sind auf diesem Gerät."
    ),
    "Recent orders": "Letzte Bestellungen",
    "No orders on this device yet.": "Noch keine Bestellungen auf diesem Gerät.",
    "{count} s": "{count} s",
    "{count} min": "{count} min",
    "{count} h": "{count} h",
    "What did you find out?": "Was haben Sie herausgefunden?",
    "They have it": "Sie haben es",
    "They do not have it: send it again": "Sie haben es nicht: noch einmal senden",
    "Send it again as agreed": "Wie vereinbart noch einmal senden",
    "Cancel it, money back": "Stornieren, Geld zurück",
    "To cancel it, ask a manager to sign in.": "Zum Stornieren muss sich die Leitung anmelden.",
    "Only a manager can do this. Please ask one to sign in.": "Das kann nur die Leitung. Bitte um deren Anmeldung bitten.",
    "Our number with them": "Unsere Nummer dort",
    "Their order number": "Bestellnummer des Partners",
    "Ordered": "Bestellt am",
    "Amount": "Betrag",
    "Times sent": "Wie oft gesendet",
    "What is their order number?": "Welche Bestellnummer hat der Partner?",
    "Partner's order number": "Bestellnummer des Partners",
    "It was placed then, and nothing is sent again.": "Dann ist es bestellt, und nichts wird noch einmal gesendet.",
    "Keep it as placed": "Als bestellt führen",
    "Please type the partner's order number.": "Bitte die Bestellnummer des Partners eingeben.",
    "Please type this again, in at most 80 characters.": "Bitte noch einmal eingeben, höchstens 80 Zeichen.",
    "Send it again?": "Noch einmal senden?",
    "If they have it after all, the customer gets it twice. Only after asking them.": (
        "Falls sie es doch haben, kommt es zweimal an. Nur nach Rückfrage dort."
    ),
    "It goes out at the price that was agreed. They may say no again.": (
        "Es geht zum vereinbarten Preis hinaus. Es kann wieder eine Absage kommen."
    ),
    "Yes, send it again": "Ja, noch einmal senden",
    "Cancel this part of the order?": "Diesen Teil der Bestellung stornieren?",
    "Only if they do not have it, or have cancelled it too. The customer gets the money back.": (
        "Nur, wenn sie es nicht haben oder auch storniert haben. Die Kundschaft bekommt das Geld zurück."
    ),
    "This has been settled meanwhile.": "Das wurde inzwischen geklärt.",
}

PLURALS = {
    "Too many tries. Please wait {count} minutes, then try again.": {
        "one": "Zu viele Versuche. Bitte {count} Minute warten und dann noch einmal versuchen.",
        "other": "Zu viele Versuche. Bitte {count} Minuten warten und dann noch einmal versuchen.",
    },
}
