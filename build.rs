//! Rebuilds when a form is added: the folder is built into the program, and a new file in it is no change of any
//! file that the compiler knows.

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
