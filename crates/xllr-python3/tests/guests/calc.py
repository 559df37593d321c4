"""The five functions."""

from calcMetaFFIGuest import GameData, GameScore


def hello_world() -> None:
    print("Hello World, from Python 3")


def div(x: int, y: int) -> float:
    return x / y


def concat_strings(parts: list[str]) -> str:
    return ", ".join(parts)


def calculate_score(game_data: GameData) -> GameScore:
    return GameScore(game_data.player, game_data.pawn_wins + 5 * game_data.boss_wins)


def gen_scores() -> tuple[list[GameScore], int]:
    return [GameScore("Player1", 1), GameScore("Player2", 5)], 6
