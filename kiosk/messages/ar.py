"""Arabic, as far as the right-to-left screens need it. Keys are the English source texts."""

MESSAGES = {
    "Not on the shelf?": "غير موجود على الرف؟",
    "We have it.": "لدينا ما تريد.",
    "Scan the tag or search. We send it to your door from our partners.": (
        "امسح البطاقة أو ابحث. نرسلها إلى باب منزلك من شركائنا."
    ),
    "Scan a tag": "امسح البطاقة",
    "Search products": "ابحث عن منتج",
    "Find my order": "أين طلبي؟",
    "Back": "رجوع",
    "Search": "بحث",
    "Cart": "السلة",
    "Scan": "مسح",
    "In stock": "متوفر",
    "Few left": "كمية قليلة",
    "Not available": "غير متوفر",
    "Best choice": "الخيار الأفضل",
    "Free delivery": "توصيل مجاني",
    "by {day}": "قبل {day}",
    "Start over": "ابدأ من جديد",
    "Lowest total and leaves first": "أقل مجموع وأسرع إرسال",
    "Lower price, but delivery costs extra": "سعر أقل، لكن التوصيل برسوم",
    "VAT included": "شامل الضريبة",
}

PLURALS = {
    "Only {count} left": {
        "one": "بقيت قطعة واحدة ({count})",
        "two": "بقيت قطعتان ({count})",
        "few": "بقيت {count} قطع",
        "many": "بقيت {count} قطعة",
        "other": "بقي {count}",
    },
}
