"""Arabic for finding and choosing: search, scan, product, cart. Keys are the English source texts."""

MESSAGES = {
    # search
    "Name, brand or number": "الاسم أو العلامة أو الرقم",
    "All": "الكل",
    "Clear": "مسح الكل",
    "Delete": "حذف",
    "Space": "مسافة",
    "Hide the keys": "إخفاء لوحة المفاتيح",
    "Asking our partners": "نسأل شركاءنا",
    "Prices from {time}, checked again before you pay": "أسعار من {time}، تُراجع قبل الدفع",
    "Nothing found for “{words}”": "لا نتائج عن «{words}»",
    "Nothing here yet": "لا شيء هنا بعد",
    "No partner has this right now, not even spelled a little differently. Try another word for it.": (
        "غير متوفر لدى أي شريك الآن، ولا بكتابة قريبة. جرّب كلمة أخرى."
    ),
    "Found for one word alone:": "لكلمة واحدة وحدها يوجد:",
    "Or look in:": "أو انظر في:",
    "Nothing found with these filters": "لا نتائج بهذه التصفية",
    "Nothing found for “{words}” with these filters": "لا نتائج عن «{words}» بهذه التصفية",
    "Clear the filters": "إلغاء التصفية",
    "Showing results for": "نتائج عن",
    "There is no word or number in this to look for.": "لا توجد هنا كلمة أو رقم للبحث عنه.",
    "The same in another colour or size": "نفسه بلون أو مقاس آخر",
    "See the others": "اعرض البقية",
    "Or something like it": "أو شيء مشابه",
    "Did you mean:": "هل تقصد:",
    "Nothing has all of these words. Left out:": "لا شيء فيه كل هذه الكلمات. تُركت:",
    "{number}+": "{number}+",
    "More than {number} products": "أكثر من {number} منتج",
    "more than {number} left": "بقي أكثر من {number}",
    "Filter": "تصفية",
    "Clear all": "إلغاء الكل",
    "Take away: {name}": "إزالة: {name}",
    "Can be sent now": "يمكن إرساله الآن",
    "Only what can be sent now": "ما يمكن إرساله الآن فقط",
    "Size {size}": "المقاس {size}",
    "Price": "السعر",
    "Brand": "العلامة",
    "Sent by": "يرسله",
    "{price} and more": "{price} وأكثر",
    "Under {price}": "أقل من {price}",
    "{low} to {high}": "من {low} إلى {high}",
    "about {number}": "نحو {number}",
    "Show more than {number}": "عرض أكثر من {number}",
    "Counting": "جارٍ العد",
    "The filters do not work right now. The results are still there.": (
        "التصفية لا تعمل الآن. النتائج ما زالت هنا."
    ),
    "None begins like this": "لا شيء يبدأ هكذا",
    "Type how it begins": "اكتب بدايته",
    "Done": "تم",
    "Scan the tag": "امسح البطاقة",
    "Show everything": "عرض الكل",
    "The search does not work right now": "البحث لا يعمل الآن",
    "Please try again, scan the tag, or ask an associate.": "حاول مرة أخرى أو امسح البطاقة أو اسأل أحد الموظفين.",
    "Try again": "حاول مرة أخرى",
    "The products are not on this device yet": "المنتجات ليست على هذا الجهاز بعد",
    "They come as soon as the store is online again. Nothing needs to be done here.": (
        "ستصل عند عودة اتصال المتجر. لا يلزمك شيء هنا."
    ),
    "Back to the start": "العودة إلى البداية",
    "Type more words to find them": "اكتب كلمات أكثر للعثور عليها",
    "The store is offline. You can still search, order and pay at the till.": (
        "المتجر غير متصل الآن. ما زال بإمكانك البحث والطلب والدفع عند الصندوق."
    ),
    "Check again": "تُراجع",
    # scan
    "Type the number under the barcode": "اكتب الرقم تحت الرمز الشريطي",
    "8, 12, 13 or 14 digits": "8 أو 12 أو 13 أو 14 رقمًا",
    "Find it": "ابحث عنه",
    "Starting the camera": "جارٍ تشغيل الكاميرا",
    "Hold the tag's barcode inside the frame": "ضع الرمز الشريطي داخل الإطار",
    "Got it": "تمت القراءة",
    "The picture is dark. Is the lens covered?": "الصورة مظلمة. هل العدسة مغطاة؟",
    "The camera does not answer.": "الكاميرا لا تستجيب.",
    "The camera gives no picture": "لا صورة من الكاميرا",
    "Type the number under the barcode, or use the hand scanner: it works on every screen.": (
        "اكتب الرقم تحت الرمز الشريطي أو استخدم الماسح اليدوي: يعمل في كل شاشة."
    ),
    "Type the number": "اكتب الرقم",
    "Try the camera again": "جرّب الكاميرا مرة أخرى",
    "Search by name": "ابحث بالاسم",
    "Asking our partners about this number": "نسأل شركاءنا عن هذا الرقم",
    "See it": "اعرضه",
    "Scan another": "امسح بطاقة أخرى",
    "Type another number": "اكتب رقمًا آخر",
    "Others of it can be sent": "غيره منه متوفر",
    "Which one is it?": "أي منتج هو؟",
    "This number is on more than one product.": "هذا الرقم على أكثر من منتج.",
    "Which one?": "أيها؟",
    "Choose by its number, or hold up only one.": "اختر حسب الرقم أو ارفع واحدة فقط.",
    "There is more than one tag here": "هنا أكثر من بطاقة",
    "There are more. Hold up fewer tags at a time.": "هناك المزيد. اعرض بطاقات أقل في كل مرة.",
    "There are more. Search by name to see them all.": "هناك المزيد. ابحث بالاسم لتراها كلها.",
    "Is it this one?": "هل هو هذا؟",
    "The bars are too blurred to be sure. Please compare.": "الخطوط غير واضحة بما يكفي. من فضلك قارن.",
    "Yes, this one": "نعم، هذا",
    "No, try again": "لا، حاول مرة أخرى",
    "Hold it still, a little nearer or further away": "ثبّتها وقرّبها أو أبعدها قليلًا",
    "No partner here sells this": "لا يبيعه أي شريك هنا",
    "Check it against the tag, or search by name.": "قارنه بالبطاقة أو ابحث بالاسم.",
    "This code could not be read": "تعذرت قراءة هذا الرمز",
    "That did not work": "لم ينجح ذلك",
    "Please try again, or ask an associate.": "حاول مرة أخرى أو اسأل أحد الموظفين.",
    "There is no number yet. Scan the code or type its digits.": "لا يوجد رقم بعد. امسح الرمز أو اكتب أرقامه.",
    "A product number has only digits. Scan again or type the digits under the bars.": (
        "رقم المنتج أرقام فقط. امسح مرة أخرى أو اكتب الأرقام تحت الخطوط."
    ),
    "A product number has 8, 12, 13 or 14 digits. Check that none is missing or doubled.": (
        "رقم المنتج 8 أو 12 أو 13 أو 14 رقمًا. تأكد من عدم نقص رقم أو تكراره."
    ),
    "One of the digits is wrong: with the others as they are, the last would be {expected}. "
    "Compare them with the code and try again.": (
        "أحد الأرقام غير صحيح: مع بقية الأرقام يكون الأخير {expected}. قارنها بالرمز وحاول مرة أخرى."
    ),
    "This code is too long for a product's code. Please scan the bars on the price tag.": (
        "هذا الرمز أطول من رمز منتج. امسح الخطوط على بطاقة السعر."
    ),
    "This looks like a card number. Please never type or swipe a card here.": (
        "هذا يشبه رقم بطاقة دفع. من فضلك لا تكتب بطاقة ولا تمررها هنا."
    ),
    "This code names more than one product. Please type the number under the bars.": (
        "هذا الرمز يذكر أكثر من منتج واحد. اكتب الرقم الموجود تحت الخطوط."
    ),
    # product
    "Colour and size": "اللون والمقاس",
    "Colour": "اللون",
    "Size": "المقاس",
    "Length": "الطول",
    "Diameter": "القطر",
    "Capacity": "السعة",
    "Scent": "الرائحة",
    "Who can send it": "من يرسله",
    "Checking prices": "تُراجع الأسعار",
    "From {time}, checked again": "من {time}، يُراجع",
    "{price} + {shipping} delivery": "{price} + {shipping} توصيل",
    "No partner has this one right now. Please choose another size or colour.": (
        "غير متوفر لدى أي شريك الآن. اختر مقاسًا أو لونًا آخر."
    ),
    "No partner has it right now. Please ask an associate, or look at what is like it.": (
        "غير متوفر لدى أي شريك الآن. اسأل أحد الموظفين أو انظر ما يشبهه."
    ),
    "{partner} has just sold out of it.": "نفد الآن لدى {partner}.",
    "Show {name}": "عرض {name}",
    "with delivery": "مع التوصيل",
    "Add to cart": "أضف إلى السلة",
    "Go to cart": "إلى السلة",
    "Keep looking": "تابع التصفح",
    "Sold out": "نفد",
    "You already have all that {partner} can send.": "لديك كل ما يستطيع {partner} إرساله.",
    "You may also like": "قد يعجبك أيضًا",
    "What can be sent instead": "ما يمكن إرساله بدلًا منه",
    "This product is not sold any more": "هذا المنتج لم يعد يُباع",
    "No partner lists it. Please search for something like it, or scan another tag.": (
        "لا يعرضه أي شريك. ابحث عن شبيه له أو امسح بطاقة أخرى."
    ),
    "Lowest total": "أقل مجموع",
    "Leaves first": "أسرع إرسال",
    "Another way to get it": "طريقة أخرى للحصول عليه",
    "Prices in different currencies": "أسعار بعملات مختلفة",
    "The only partner that can send it": "الشريك الوحيد الذي يرسله",
    "Sold out here": "نفد هنا",
    "This one is sold out. Please choose another partner or size.": "هذا نفد. اختر شريكًا أو مقاسًا آخر.",
    "These are sold in different currencies. Please order them one after the other.": (
        "تُباع هذه بعملات مختلفة. اطلبها واحدًا بعد الآخر."
    ),
    # cart
    "Your cart": "سلتك",
    "Your cart is empty": "سلتك فارغة",
    "Scan a tag or search for what you could not find on the shelf.": (
        "امسح بطاقة أو ابحث عما لم تجده على الرف."
    ),
    "Sent by {partner}": "يرسله {partner}",
    "Parcel {number} of {total}": "الطرد {number} من {total}",
    "leaves {day}": "يُرسل {day}",
    "Delivery after the address": "التوصيل بعد العنوان",
    "{price} delivery": "{price} توصيل",
    "{price} each": "{price} للقطعة",
    "{name} was taken out.": "أُخرج {name}.",
    "Undo": "تراجع",
    "The price is now {new}, it was {old}.": "السعر الآن {new} وكان {old}.",
    "Take it for {price}": "خذه بسعر {price}",
    "This has sold out since you chose it.": "نفد هذا بعد أن اخترته.",
    "Take it out": "أخرجه",
    "Add something else": "أضف شيئًا آخر",
    "Summary": "الملخص",
    "Delivery": "التوصيل",
    "Free": "مجاني",
    "After the address": "بعد العنوان",
    "Total": "المجموع",
    "Prices are checked before you pay": "تُراجع الأسعار قبل الدفع",
    "Check out": "إتمام الطلب",
    "One less: {name}": "أنقص واحدًا: {name}",
    "One more: {name}": "زد واحدًا: {name}",
    "Remove: {name}": "أخرج: {name}",
}

PLURALS = {
    "Show {count} products": {
        "one": "عرض منتج واحد ({count})",
        "two": "عرض منتجين ({count})",
        "few": "عرض {count} منتجات",
        "other": "عرض {count} منتجًا",
    },
    "All {count}": {"other": "الكل ({count})"},
    "{count} more. Type to find them": {"other": "{count} أخرى. اكتب للعثور عليها"},
    "Without them there are {count} products. Or take away only one of them.": {
        "one": "من دونها يوجد منتج واحد ({count}). يمكنك أيضًا إزالة واحد منها فقط.",
        "two": "من دونها يوجد منتجان ({count}). يمكنك أيضًا إزالة واحد منها فقط.",
        "few": "من دونها توجد {count} منتجات. يمكنك أيضًا إزالة واحد منها فقط.",
        "other": "من دونها يوجد {count} منتجًا. يمكنك أيضًا إزالة واحد منها فقط.",
    },
    "{count} items": {
        "one": "قطعة واحدة ({count})",
        "two": "قطعتان ({count})",
        "few": "{count} قطع",
        "other": "{count} قطعة",
    },
    "{count} products": {
        "one": "منتج واحد ({count})",
        "two": "منتجان ({count})",
        "few": "{count} منتجات",
        "other": "{count} منتجًا",
    },
    "from {count} partners": {
        "one": "من شريك واحد ({count})",
        "two": "من شريكين ({count})",
        "few": "من {count} شركاء",
        "other": "من {count} شريكًا",
    },
    "{count} partners": {
        "one": "شريك واحد ({count})",
        "two": "شريكان ({count})",
        "few": "{count} شركاء",
        "other": "{count} شريكًا",
    },
    "{count} partners, best first": {
        "two": "شريكان ({count})، الأفضل أولًا",
        "few": "{count} شركاء، الأفضل أولًا",
        "other": "{count} شريكًا، الأفضل أولًا",
    },
    "Show {count} more": {"other": "عرض {count} أخرى"},
    "{count} left": {"other": "بقي {count}"},
    "{count} more products": {"few": "{count} منتجات أخرى", "other": "{count} منتجًا آخر"},
    "{count} items, with delivery and VAT": {
        "one": "قطعة واحدة ({count}) مع التوصيل والضريبة",
        "two": "قطعتان ({count}) مع التوصيل والضريبة",
        "few": "{count} قطع مع التوصيل والضريبة",
        "other": "{count} قطعة مع التوصيل والضريبة",
    },
    "{count} items, delivery comes on top": {
        "one": "قطعة واحدة ({count})، يُضاف التوصيل",
        "two": "قطعتان ({count})، يُضاف التوصيل",
        "few": "{count} قطع، يُضاف التوصيل",
        "other": "{count} قطعة، يُضاف التوصيل",
    },
    "Only {count} are left now.": {"other": "بقي الآن {count} فقط."},
    "Take {count}": {"other": "خذ {count}"},
}
