"""A small English lexicon of related words, used only to widen a question, never to change what is stored.

Each entry up to a semicolon is one field of everyday or game life: a word of the question also finds the
other words of its fields, at a fraction of its own weight. Written from general knowledge for villages,
markets, travel and battle.
"""

from __future__ import annotations

from functools import cache

from commands.mind.memory.text import stem

_FIELDS = """
family relative mother mom father dad parent brother sister sibling son daughter husband wife grandma
grandmother grandpa grandfather cousin aunt uncle niece nephew; child kid baby toddler son daughter; pet
animal dog puppy cat kitten fish turtle hamster bird rabbit horse snake; mount steed horse peco saddle ride;
job work career profession occupation employ boss office hire; school college university class student
teacher study education degree course exam; music song sing band instrument guitar piano violin drum lute
flute concert album melody musician bard; sport game team basketball soccer football baseball tennis swim
run match tournament championship; exercise gym workout yoga run fitness; game video console play tournament
level; book novel read author story series fantasy; movie film watch cinema show series actor; food meal eat
dinner lunch breakfast recipe cook bake dish restaurant snack; bread loaf flour baker bakery; dessert cake
cookie pie ice cream chocolate sweet; drink coffee tea wine beer ale mead soda juice; tavern inn pub bar;
art paint draw sketch sculpture gallery pottery artist creative; hobby activity interest pastime enjoy
leisure; travel trip vacation visit tour journey abroad country city; nature outdoor hike camp forest
mountain park lake beach trail; beach sea ocean coast surf; home house apartment room move live; car vehicle
drive truck bike motorcycle; friend buddy pal companion; enemy foe rival; relationship date partner
boyfriend girlfriend marry wedding married single divorce; feel emotion happy sad angry afraid proud excited
upset; stress anxiety relax calm destress unwind; health doctor hospital healer sick illness ill injury
injure medical cure heal; potion elixir remedy medicine herb; money pay buy purchase cost price finance
spend gold coin zeny silver; debt owe loan borrow lend repay; business shop store company startup customer
entrepreneur; help support volunteer charity donate assist aid community; event party festival celebration
ceremony gathering conference; gift present receive give; begin start commence launch open; finish end
complete; win victory champion award prize trophy; plan goal dream aspire hope want intend future; learn
study skill practice train teach; problem challenge difficulty struggle setback obstacle issue; meet
encounter introduce; religion church faith god spiritual pray temple priest monk; politics government
election campaign vote policy; king queen prince princess lord noble royal crown; military army veteran
soldier service; guard sentry watchman patrol; fight battle war attack combat duel raid siege; weapon sword
bow axe spear dagger blade arrow knife mace; armor shield helmet; monster beast dragon goblin orc wolf
poring undead demon; magic spell wizard mage witch sorcerer enchant; treasure chest loot hoard; quest
mission errand task bounty; steal stole thief theft rob robber burglar stolen bandit; kill murder slay slain
dead die death; lie lied deceive cheat trick liar; promise swear vow oath; secret rumour rumor gossip
whisper; merchant trader vendor seller peddler shop; smith blacksmith forge anvil; big large huge great;
small little tiny; nice good great wonderful awesome amazing; talk speak say tell discuss conversation
mention chat; think believe opinion; like love enjoy favorite prefer fond; dislike hate despise; buy bought
purchase acquire; sell sold trade barter; make create build craft made; write writing author script blog
journal; letter message note parcel; photo picture image photography camera; dance dancer dancing studio
choreography; clothes clothing fashion dress wear shirt outfit jewelry robe cloak; flower plant garden tree;
farm farmer harvest crop field; quit leave left resign; trip getaway roadtrip; injury hurt wound; lose lost
loss; find found discover; country nation state; ancestor heritage culture root; allergic allergy reaction;
symbol symbolize represent meaning mean remind; weather rain storm snow wind; fire burn burnt flame
"""


@cache
def _related() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _FIELDS.split(";"):
        field = list(dict.fromkeys(stem(word) for word in line.split()))
        for term in field:
            found.setdefault(term, {}).update((other, None) for other in field if other != term)
    return {term: tuple(sorted(others)) for term, others in found.items()}


def related(term: str) -> tuple[str, ...]:
    """Index terms that share a field with an index term, sorted; empty if the lexicon does not know it."""
    return _related().get(term, ())
