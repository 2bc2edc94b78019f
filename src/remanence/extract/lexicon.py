# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""Closed classes of words: what a rule asks before it believes that "I'm a …" is a job and "I have …" an illness.

Each list is of heads and endings rather than of everything: "paediatric nurse" is a job because "nurse" is one.
"""

from __future__ import annotations

import re

# --- who --------------------------------------------------------------------------------------------

# How somebody is related, by the word used here; the other words mean the same.
_KIN = """
    wife: missus | husband: hubby | partner: | fiance: fiancé | fiancee: fiancée | girlfriend: | boyfriend: | spouse: |
    mother: mum mom mam mummy mommy ma mama | father: dad daddy papa pop | parent: | sister: sis | brother: bro |
    son: | daughter: | child: | kid: | baby: | toddler: | twin: | sibling: |
    grandmother: gran nan nana granny grandma nanna | grandfather: grandad granddad grandpa gramps |
    grandson: | granddaughter: | grandchild: | aunt: auntie aunty | uncle: | cousin: | niece: | nephew: | godson: |
    goddaughter: | stepson: | stepdaughter: | stepmother: stepmum stepmom | stepfather: stepdad | stepsister: |
    stepbrother: | half-sister: | half-brother: |
    mother-in-law: mother\u0020in\u0020law mum-in-law | father-in-law: father\u0020in\u0020law |
    sister-in-law: sister\u0020in\u0020law | brother-in-law: brother\u0020in\u0020law |
    son-in-law: son\u0020in\u0020law | daughter-in-law: daughter\u0020in\u0020law |
    friend: mate buddy pal | best\u0020friend: bestie best\u0020mate | roommate: | flatmate: | housemate: |
    neighbour: neighbor | colleague: coworker co-worker workmate | boss: | manager: | teacher: | tutor: |
    doctor: gp | dentist: | therapist: | landlord: | landlady: | nanny: | ex: | ex-wife: ex\u0020wife |
    ex-husband: ex\u0020husband | assistant: | coach: | trainer:
"""
_PETS = """
    dog: puppy pup doggo | cat: kitten kitty | horse: pony | hamster: | rabbit: bunny | parrot: | budgie: | guinea\u0020pig: |
    tortoise: | turtle: | goldfish: | fish: | snake: | lizard: | gecko: | ferret: | rat: | mouse: | gerbil: | bird: |
    canary: | cockatiel: | chicken: | rooster: | hen: | goat: | sheep: | pig: | donkey: | duck: | alpaca: | hedgehog: |
    chinchilla: | iguana: | cow: | pet:
"""


def _canonical(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.replace("\n", " ").split(" | "):
        word, _, others = line.strip().rstrip("|").strip().partition(":")
        for form in (word, *re.split(r" (?!in law|law|friend|mate|wife|husband|pig)", others.strip())):
            if form.strip():
                found[form.strip()] = word
    return found


PETS = _canonical(_PETS)
KIN = _canonical(_KIN) | PETS
WOMEN = frozenset(
    "wife fiancee girlfriend mother sister daughter grandmother granddaughter aunt niece stepdaughter stepmother "
    "stepsister goddaughter mother-in-law sister-in-law daughter-in-law half-sister landlady ex-wife hen".split()
)
MEN = frozenset(
    "husband fiance boyfriend father brother son grandfather grandson uncle nephew stepson stepfather stepbrother "
    "godson father-in-law brother-in-law son-in-law half-brother landlord ex-husband rooster".split()
)
FIRST_NAMES = frozenset(
    """
    adam alan albert alex alexander alice alison amanda amber amy andrea andrew andy angela anna anne annie anthony
    antonio aoife arthur asha barbara becky beth ben benjamin bill billy bob bobby brenda brian bruce carl carla carlos
    carmen carol caroline catherine charlie charlotte chloe chris christina christine claire clara colin connor craig
    daisy dan daniel danny dave david dawn dean debbie deborah dennis diana diane diego dmitri donna dorothy doug duncan
    dylan eddie edith eleanor elena eli elizabeth ella ellen ellie elliot emily emma eric erik erin ethan eva eve evan
    fatima felix fiona florence francesca frank fred freya gareth gary gavin gemma george georgia gerald gina grace
    graham greg gwen hana hannah harriet harry harvey hassan heather helen henry holly howard hugh ian ibrahim imogen
    ines ingrid irene isaac isabel isla ivan jack jackie jacob jake james jamie jan jane janet jasmine jason jean jeff
    jen jennifer jenny jeremy jess jessica jim jimmy jo joan joanna joe joel john johnny jon jonas jonathan jordan jose
    joseph josh joshua joyce juan judith judy julia julian julie karen karim kate katherine kathy katie keith kelly ken
    kenji kevin kim kirsty kofi kwame kyle lara laura lauren lee lena leo leon leonard lewis liam lily linda lisa liz
    lorna louis louise luca lucas lucia lucy luis luke lydia maggie malcolm marco marcus margaret maria marie marina
    mario mark martha martin marta mary matt matthew maya meera megan mei melissa mia michael michelle miguel mike
    milo mina mohammed molly monica nadia nancy naomi natalie natasha nathan neil nick nicola nicole nigel nina noah
    nora norman oliver olivia omar oscar owen pablo pam patricia patrick paul paula pedro penny pete peter phil philip
    phoebe pierre priya rachel raj ralph ravi ray rebecca rhys richard rick rita rob robert robin roger ron rosa rosie
    ross ruth ryan sally sam samantha samir samuel sandra sara sarah scott sean sebastian shane sharon shirley simon
    sofia sophia sophie stacey stan stella stephanie stephen steve steven stuart sue susan tanya tara tash teresa
    terry tess theo theresa thomas tim toby tom tommy tony tracy trevor ursula valerie vanessa vera veronica victor
    victoria vincent walter wendy will william xavier yasmin yuki yusuf yvonne zach zara zoe
    """.split()
)

# --- what somebody is -------------------------------------------------------------------------------

_JOBS = """
    nurse doctor surgeon physician paramedic midwife vet veterinarian dentist optician pharmacist physio gp medic carer
    therapist psychologist psychiatrist counsellor counselor teacher lecturer professor tutor teaching\u0020assistant
    librarian translator interpreter editor writer author journalist reporter lawyer solicitor barrister paralegal judge
    accountant auditor bookkeeper banker analyst economist actuary consultant manager director secretary receptionist
    assistant administrator clerk cashier engineer developer programmer coder architect designer illustrator artist
    painter sculptor photographer musician pianist guitarist singer dancer actor actress comedian director producer
    chef cook baker barista bartender barman barmaid waiter waitress butcher brewer farmer gardener florist landscaper
    plumber electrician carpenter joiner welder mechanic builder bricklayer roofer plasterer decorator machinist
    technician driver trucker pilot courier postman postwoman mailman cabbie sailor captain firefighter fireman policeman
    policewoman cop detective soldier officer guard bouncer scientist physicist chemist biologist geologist statistician
    researcher mathematician astronomer hairdresser barber beautician tailor seamstress cleaner janitor caretaker nanny
    childminder au\u0020pair housekeeper butler salesman saleswoman salesperson realtor broker recruiter marketer
    publicist planner surveyor blacksmith locksmith jeweller jeweler potter upholsterer fisherman miner roadie dj priest
    vicar pastor rabbi imam nun monk politician diplomat coach referee trainer instructor hygienist radiographer
    radiologist cardiologist neurologist dermatologist anaesthetist anesthesiologist paediatrician pediatrician
    sommelier stylist animator copywriter freelancer contractor entrepreneur model streamer youtuber podcaster
    flight\u0020attendant steward stewardess lifeguard zookeeper beekeeper shepherd archivist curator conservationist
    ecologist botanist zoologist dietitian nutritionist masseuse masseur acupuncturist osteopath chiropractor
    social\u0020worker support\u0020worker care\u0020worker postdoc intern apprentice civil\u0020servant shopkeeper
    bookseller estate\u0020agent travel\u0020agent agent rep representative operator supervisor foreman labourer laborer
    coordinator specialist executive ceo cto cfo founder owner devops sysadmin tester worker inspector adviser advisor
    stagehand magician tattooist undertaker mortician optometrist audiologist phlebotomist sonographer orthodontist
    sheriff bailiff handyman milkman fishmonger greengrocer cartographer composer conductor violinist drummer cellist
    novelist poet playwright screenwriter proofreader typist stenographer superintendent principal headteacher
"""
JOBS = frozenset(_JOBS.split())
_JOB_ENDING = re.compile(
    r"(?:ologist|ographer|ician|wright|smith|keeper|monger|maker|dresser|worker|teacher|cologist)$"
)
_NOT_JOBS = frozenset("troublemaker homemaker timekeeper matchmaker".split())


def is_job(words: str) -> bool:
    """Return whether a phrase in lower case names an occupation, by its last word."""
    last = words.split()[-1] if words else ""
    if last in ("er", "or"):
        return False
    return (last in JOBS or last.rstrip("s") in JOBS or bool(_JOB_ENDING.search(last))) and last not in _NOT_JOBS


MARITAL = {
    "married": "married",
    "divorced": "divorced",
    "single": "single",
    "widowed": "widowed",
    "engaged": "engaged",
    "separated": "separated",
    "hitched": "married",
    "wed": "married",
    "a widow": "widowed",
    "a widower": "widowed",
    "a divorcee": "divorced",
    "happily married": "married",
    "newly married": "married",
    "a newlywed": "married",
    "newlyweds": "married",
    "a single mum": "single",
    "a single dad": "single",
    "a single mother": "single",
    "a single mom": "single",
    "a single father": "single",
    "in a civil partnership": "in a civil partnership",
}
DIETS = {
    form: diet
    for diet, forms in {
        "vegan": "vegan|plant based|plant-based",
        "vegetarian": "vegetarian|veggie|veggo",
        "pescatarian": "pescatarian|pescetarian|pesky",
        "kosher": "kosher",
        "halal": "halal",
        "keto": "keto|ketogenic",
        "paleo": "paleo",
        "gluten free": "gluten free|gluten-free",
        "dairy free": "dairy free|dairy-free",
        "flexitarian": "flexitarian",
        "low carb": "low carb|low-carb",
        "carnivore": "carnivore",
        "raw vegan": "raw vegan",
    }.items()
    for form in forms.split("|")
}

# --- health -----------------------------------------------------------------------------------------

ADJECTIVES_OF_ILLNESS = {
    "asthmatic": "asthma",
    "diabetic": "diabetes",
    "epileptic": "epilepsy",
    "dyslexic": "dyslexia",
    "dyspraxic": "dyspraxia",
    "autistic": "autism",
    "anaemic": "anaemia",
    "anemic": "anemia",
    "coeliac": "coeliac disease",
    "celiac": "celiac disease",
    "a coeliac": "coeliac disease",
    "a celiac": "celiac disease",
    "bipolar": "bipolar disorder",
    "arthritic": "arthritis",
    "lactose intolerant": "lactose intolerance",
    "hypertensive": "hypertension",
    "haemophiliac": "haemophilia",
    "hemophiliac": "hemophilia",
    "colour blind": "colour blindness",
    "color blind": "color blindness",
    "colourblind": "colour blindness",
    "colorblind": "color blindness",
    "a diabetic": "diabetes",
    "type 1 diabetic": "type 1 diabetes",
    "type 2 diabetic": "type 2 diabetes",
    "a type 1 diabetic": "type 1 diabetes",
    "a type 2 diabetic": "type 2 diabetes",
    "insomniac": "insomnia",
    "an insomniac": "insomnia",
    "partially deaf": "partial deafness",
    "hiv positive": "HIV",
}
_ILLNESS = re.compile(
    r"(?:\b(?:diabetes|asthma|epilepsy|migraines?|ibs|ibd|adhd|add|ptsd|copd|hiv|aids|ocd|gerd|pcos|pots|crohn'?s|"
    r"colitis|coeliac|celiac|anxiety|depression|gout|eczema|psoriasis|rosacea|vertigo|tinnitus|sciatica|scoliosis|"
    r"insomnia|narcolepsy|glaucoma|cataracts?|autism|asperger'?s|dyslexia|dyspraxia|dyscalculia|angina|lupus|cancer|"
    r"leukaemia|leukemia|lymphoma|anaemia|anemia|parkinson'?s|alzheimer'?s|dementia|tourette'?s|raynaud'?s|meniere'?s|"
    r"hashimoto'?s|pressure|cholesterol|thyroid|reflux|apnea|apnoea|murmur|arrhythmia|afib|fibrillation|hay fever|"
    r"fever|sickle cell|palsy|sclerosis|fibrosis|failure|disease|disorder|syndrome|dystrophy|intolerance|palsy|"
    r"diabetic|bipolar|schizophrenia|anorexia|bulimia|hypertension|hernia|ulcers?|kidney stones|gallstones|"
    r"fibromyalgia|osteoporosis|endometriosis|vitiligo|cystic fibrosis|long covid|deafness|blindness|carpal tunnel|"
    r"restless legs?|heart condition|ms|tb|stammer|stutter|claustrophobia|agoraphobia|rheumatism|shingles|"
    r"alopecia|acne|hepatitis [abc]|hepatitis|epilepsia)|\w(?:itis|osis|emia|aemia|algia|pathy|trophy|plegia|phobia))$"
)
_PASSING = re.compile(
    r"\b(?:scarlet fever|a fever|cabin fever|yellow fever|peer pressure)$|^(?:fever|pressure|failure)$"
)


def is_illness(words: str) -> bool:
    """Return whether a phrase in lower case names a lasting condition, by its last words."""
    return bool(_ILLNESS.search(words)) and not _PASSING.search(words)


_MEDICINE = re.compile(
    r"(?:\b(?:insulin|aspirin|ibuprofen|paracetamol|acetaminophen|tylenol|advil|warfarin|metformin|melatonin|lithium|"
    r"digoxin|iron|zinc|magnesium|calcium|folic acid|omega 3|fish oil|cod liver oil|creatine|probiotics|multivitamins?|"
    r"vitamins?(?: [a-e]\d*)?|statins?|steroids?|antidepressants|antihistamines?|antihypertensives|beta blockers?|"
    r"blood thinners?|thinners|inhalers?|the pill|hrt|testosterone|oestrogen|estrogen|prednisone|prednisolone|"
    r"gabapentin|pregabalin|ritalin|adderall|concerta|xanax|valium|prozac|zoloft|lexapro|celexa|ventolin|humira|ozempic|"
    r"wegovy|eliquis|xarelto|synthroid|lipitor|crestor|viagra|ambien|benadryl|claritin|zyrtec|symbicort|adalimumab|"
    r"lamotrigine|levetiracetam|keppra|carbamazepine|topiramate|methylphenidate|mirtazapine|buspirone|allopurinol|"
    r"colchicine|tamoxifen|finasteride|tamsulosin|codeine|tramadol|morphine|oxycodone|quetiapine|olanzapine|"
    r"supplements|water tablets|iron tablets|thyroxine|blood pressure tablets)|"
    r"\w(?:pril|olol|statin|formin|prazole|dipine|sartan|oxetine|aline|alopram|cillin|mycin|cycline|zepam|zolam|"
    r"thiazide|semide|thyroxine|profen|mab|tadine|tirizine|trexate|gliptin|gliflozin|glutide|xaban|grel|triptan|"
    r"codone|barbital|azine|idone|apine|nitrate|faxine|triptyline|cortisone|solone|sone|parin|dronate|proxen|sulide|"
    r"fenac|quine|vir|lukast|terol|tropium|tidine|setron|pezil|mantine|giline|dopa|bupropion|zole|mide|zide|oxin))$"
)


def is_medicine(words: str) -> bool:
    """Return whether a phrase in lower case names a medicine, by its last word or that word's ending."""
    return bool(_MEDICINE.search(words))


# --- things -----------------------------------------------------------------------------------------

LANGUAGES = frozenset(
    """
    afrikaans albanian amharic arabic armenian aymara azerbaijani basque bengali bosnian bulgarian burmese cantonese
    catalan cebuano chinese creole croatian czech danish dari dutch english esperanto estonian ewe farsi fijian filipino
    finnish flemish french frisian gaelic galician georgian german greek guarani gujarati hausa hawaiian hebrew hindi
    hmong hungarian icelandic igbo indonesian irish italian japanese javanese kannada kazakh khmer kikuyu korean kurdish
    lao latin latvian lingala lithuanian luganda luxembourgish macedonian malagasy malay malayalam maltese mandarin maori
    marathi mongolian navajo nepali norwegian oromo pashto patois persian polish portuguese punjabi quechua romanian
    russian samoan sanskrit scots serbian shona sicilian sindhi sinhala sinhalese slovak slovene slovenian somali spanish
    swahili swedish tagalog taiwanese tamil tatar telugu thai tibetan tigrinya tongan turkish twi ukrainian urdu uzbek
    vietnamese welsh wolof xhosa yiddish yoruba zulu bsl asl
    """.split()
)
_BREEDS = re.compile(
    r"(?:\b(?:beagle|labrador|lab|poodle|pug|husky|whippet|greyhound|dalmatian|boxer|bulldog|rottweiler|chihuahua|"
    r"dachshund|corgi|collie|retriever|terrier|spaniel|shepherd|setter|pointer|hound|sheepdog|mastiff|schnauzer|maltese|"
    r"pomeranian|papillon|akita|malamute|samoyed|newfoundland|weimaraner|vizsla|pinscher|doberman|dane|lurcher|basset|"
    r"shih tzu|lhasa apso|bichon frise|bichon|pekingese|pekinese|mountain dog|chow chow|chow|shar pei|ridgeback|heeler|"
    r"cattle dog|water dog|cane corso|st bernard|saint bernard|shiba inu|shiba|jack russell|russell|westie|yorkie|staffy|"
    r"staffie|staffordshire|frenchie|sausage dog|border|golden|alsatian|havanese|leonberger|bloodhound|wolfhound|"
    r"deerhound|elkhound|foxhound|basenji|affenpinscher|kelpie|mongrel|mutt|rescue mutt|pit bull|pitbull|springer|cocker|"
    r"\w*doodle|\w+poo|sprocker|puggle|chorkie|"
    r"siamese|persian|ragdoll|maine coon|bengal|sphynx|birman|burmese|abyssinian|shorthair|longhair|short hair|long hair|"
    r"russian blue|scottish fold|tabby|tortoiseshell|tortie|calico|ginger tom|tuxedo|moggy|moggie|savannah|manx|"
    r"norwegian forest cat|forest cat|turkish van|devon rex|cornish rex|munchkin|snowshoe|tonkinese|himalayan|"
    r"haflinger|shetland|thoroughbred|clydesdale|shire|appaloosa|mustang|arabian|friesian|connemara|cob|quarter horse|"
    r"hanoverian|lipizzaner|palomino|warmblood|welsh pony|exmoor|fjord|percheron|"
    r"cross|mix|crossbreed|cockapoo|lop|angora|lionhead|netherland dwarf|cockatiel|macaw|african grey|cockatoo|lovebird|"
    r"bearded dragon|corn snake|ball python|royal python|leopard gecko|roborovski|syrian hamster|syrian))s?$"
)
_CAT = re.compile(
    r"(?:siamese|ragdoll|coon|bengal|sphynx|birman|burmese|abyssinian|hair|russian blue|fold|tabby|tortoiseshell|tortie|"
    r"calico|tom|moggy|moggie|cat|rex|munchkin)s?$"
)
_HORSE = re.compile(
    r"(?:haflinger|shetland|thoroughbred|clydesdale|appaloosa|friesian|connemara|cob|horse|hanoverian|warmblood|pony)s?$"
)
_NO_DOG = re.compile(r"(?:dragon|snake|python|gecko|hamster|lop|lionhead|macaw|grey|cockatoo|cockatiel|lovebird)s?$")


def is_breed(words: str) -> bool:
    """Return whether a phrase in lower case names a breed of animal, by its last words."""
    return bool(_BREEDS.search(words))


def kind_of_breed(words: str) -> str:
    """Return which pet has a breed: "dog" unless it is known to be of another; empty where it is none of these."""
    if _NO_DOG.search(words):
        return ""
    return "cat" if _CAT.search(words) else "horse" if _HORSE.search(words) else "dog"


_CARS = re.compile(
    r"\b(?:skoda|tesla|ford|fiat|volvo|honda|toyota|kia|hyundai|nissan|mazda|subaru|suzuki|mitsubishi|renault|peugeot|"
    r"citroen|citroën|dacia|seat|vw|volkswagen|audi|bmw|mercedes|merc|benz|porsche|opel|vauxhall|mini|mini cooper|jaguar|"
    r"land rover|range rover|landrover|lexus|chevy|chevrolet|dodge|chrysler|jeep|buick|cadillac|lincoln|gmc|acura|infiniti|"
    r"alfa romeo|alfa|lancia|saab|smart car|polestar|byd|mg|rivian|ferrari|lamborghini|bentley|rolls royce|aston martin|"
    r"maserati|lotus|genesis|cupra|lada|saturn|pontiac|ram|daihatsu|isuzu|tata|mahindra|rover|triumph|"
    r"civic|corolla|camry|prius|yaris|golf|polo|passat|jetta|tiguan|beetle|fiesta|focus|mondeo|mustang|f-?150|ranger|"
    r"escort|corsa|astra|clio|megane|twingo|zoe|picasso|octavia|fabia|yeti|superb|leaf|qashqai|micra|juke|altima|sentra|"
    r"panda|punto|500|duster|sandero|picanto|sportage|niro|i10|i20|i30|ioniq|tucson|elantra|outback|forester|impreza|"
    r"wrx|swift|jimny|vitara|miata|mx-?5|cx-?5|accord|cr-?v|hr-?v|jazz|rav ?4|hilux|land cruiser|tacoma|aygo|cherokee|"
    r"wrangler|silverado|camaro|corvette|impala|model [3sxy]|ibiza|leon|a[1-8]|q[357]|x[1-7]|3 series|5 series|defender|"
    r"discovery|evoque|freelander|multipla|berlingo|c[1-5]|transit|camper van|campervan|minivan|hatchback|saloon|sedan|"
    r"suv|estate|pickup|pick-up|pickup truck|convertible|electric car|hybrid|van|second hand car|polo|up|ka|v60|xc\d0)\b"
)


def is_car(words: str) -> bool:
    """Return whether a phrase in lower case names a make, model or sort of car."""
    return bool(_CARS.search(words))


SCHOOL_WORD = re.compile(
    r"\b(?:school|primary|secondary|high|college|university|uni|academy|elementary|institute|grammar|middle|polytechnic|"
    r"kindergarten|nursery|preschool|sixth form|prep|campus|seminary|conservatoire|conservatory|juniors?|infants?|"
    r"state|tech|ucla|mit|eth|nyu|lse|ucl|usc|ucsd|unam|caltech|harvard|yale|princeton|stanford|berkeley|oxford|"
    r"cambridge|cornell|dartmouth|eton|montessori|st|saint)\b"
)
