// Crashed in the parser: the pointer's type needs the LLVM dialect, which
// nothing had loaded. (The operand is of another type, so this is refused.)
func.func @f(%batch: i32) {
  %used = hopper.load_scalar %batch[%batch] : i32
  return
}
