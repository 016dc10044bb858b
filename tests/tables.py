"""Tables as people have them: of classes with ids, dates and empty cells; of values; and with semicolons and decimal commas."""

import random


def write_customers(count: int = 200) -> bytes:
    """Return customers, of whom those left who called often on the cheapest plan."""
    chance = random.Random(3)
    lines = ["customer_id,joined,plan,months,calls,region,note,left"]
    for number in range(count):
        plan, calls = chance.choice(["basic", "plus", "pro"]), chance.randint(0, 12)
        left = chance.random() < (0.9 if calls > 6 and plan == "basic" else 0.1)
        told = "" if number % 50 == 7 else calls
        region = chance.choice(["north", "south", "east", "west", ""])
        day = f"2026-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
        answer = "yes" if left else "no"
        lines.append(f'{1000 + 7 * number},{day},{plan},{chance.randint(1, 60)},{told},{region},"call {number}, again",{answer}')
    return "\n".join(lines).encode()


def write_rentals(count: int = 120) -> bytes:
    """Return days, of which warm ones without wind have more rentals."""
    chance = random.Random(4)
    lines = ["day,season,temperature,wind,holiday,rented"]
    for number in range(count):
        season, warmth, wind = chance.choice(["winter", "spring", "summer"]), round(chance.gauss(15, 8), 1), round(chance.uniform(0, 30), 1)
        rented = int(600 + 20 * warmth - 5 * wind + chance.gauss(0, 20))
        lines.append(f"{number + 1},{season},{warmth},{wind},{chance.randint(0, 1)},{rented}")
    return "\n".join(lines).encode()


def write_flats(count: int = 80) -> bytes:
    """Return flats as a German spreadsheet writes them."""
    chance = random.Random(5)
    lines = ["Nr;Fläche (m²);Zimmer;Lage;Miete"]
    for number in range(count):
        area, place = round(chance.uniform(25, 140), 1), chance.choice(["Mitte", "Nord", "Süd"])
        rent = round(9.5 * area + 200 * (place == "Mitte") + chance.gauss(0, 30), 2)
        lines.append(f"{number + 1};{area};{max(1, round(area / 30))};{place};{rent}".replace(".", ","))
    return "\n".join(lines).encode()


CUSTOMERS, RENTALS, FLATS = write_customers(), write_rentals(), write_flats()
