"""Small functions that exercise every way of calling."""

from calcMetaFFIGuest import GameData, GameScore


def hello_world() -> None:
    """Does nothing."""


def div(x: int, y: int) -> float:
    """Divides x by y."""
    if y == 0:
        raise ZeroDivisionError("divisor is zero")
    return x / y


def concat_strings(parts: list[str]) -> str:
    """Joins the parts."""
    return ", ".join(parts)


def calculate_score(game_data: GameData) -> GameScore:
    """Weighs a boss like five pawns."""
    return GameScore(game_data.player, game_data.pawn_wins + 5 * game_data.boss_wins)


def gen_scores() -> tuple[list[GameScore], int]:
    """Makes two scores and their total."""
    scores = [GameScore("Player1", 1), GameScore("Player2", 5)]
    return scores, sum(score.score for score in scores)
