//! Calls functions of a Go package. Nothing of it was written for this: `goutils.proto` says which functions there are.

use prost::Message;
use xllr::{Error, Module, Options};

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

#[derive(Clone, PartialEq, Message)]
struct Line {
    #[prost(string, tag = "1")]
    text: String,
    #[prost(int32, tag = "2")]
    width: i32,
}

fn call(module: &Module, name: &str, request: &impl Message) -> Result<String, Error> {
    let answer = module
        .function(name)?
        .call_bytes(&request.encode_to_vec())?;
    Ok(Text::decode(answer.as_slice()).map_or_else(|error| error.to_string(), |text| text.text))
}

fn main() -> Result<(), Error> {
    let library = std::env::args().nth(1);
    let library = library.as_deref().unwrap_or("./goutilsMetaFFIGuest.so");
    let module = Module::open("native", library, &Options::default())?;
    let text = |text: &str| Text {
        text: text.to_owned(),
    };
    let line = |width| Line {
        text: "James Tiberius Kirk".to_owned(),
        width,
    };
    println!(
        "{}",
        call(&module, "Words.initials", &text("James Tiberius Kirk"))?
    );
    println!(
        "{}",
        call(
            &module,
            "Words.capitalize_fully",
            &text("james TIBERIUS kirk")
        )?
    );
    println!("{}", call(&module, "Words.abbreviate", &line(10))?);
    match call(&module, "Words.abbreviate", &line(1)) {
        Ok(text) => println!("{text}"),
        Err(error) => println!("error: {}", error.text()),
    }
    Ok(())
}
