//! Small functions that exercise every way of calling.

use gangplank::Error;

gangplank::proto!(calc);
calc::export!(Calculator);

use calc::{Calc, GameData, GameScore};

struct Calculator;

impl Calc for Calculator {
    fn hello_world(&self) -> Result<(), Error> {
        Ok(())
    }

    fn div(&self, x: i32, y: i32) -> Result<f32, Error> {
        if y == 0 {
            return Err(Error::new("divisor is zero"));
        }
        Ok((f64::from(x) / f64::from(y)) as f32)
    }

    fn concat_strings(&self, parts: Vec<String>) -> Result<String, Error> {
        Ok(parts.join(", "))
    }

    fn calculate_score(&self, game_data: Option<GameData>) -> Result<GameScore, Error> {
        let game = game_data.unwrap_or_default();
        Ok(GameScore {
            player: game.player,
            score: game.pawn_wins + 5 * game.boss_wins,
        })
    }

    fn gen_scores(&self) -> Result<(Vec<GameScore>, i32), Error> {
        let scores = [("Player1", 1), ("Player2", 5)].map(|(player, score)| GameScore {
            player: player.to_owned(),
            score,
        });
        let total = scores.iter().map(|score| score.score).sum();
        Ok((scores.into(), total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ordinary_rust() {
        assert_eq!(Calculator.div(10, 2).unwrap(), 5.0);
        assert_eq!(
            Calculator.div(1, 0).unwrap_err().to_string(),
            "divisor is zero"
        );
    }
}
