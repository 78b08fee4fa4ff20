// Numbered constraints of the hopper dialect: what BarrierOps.td says.
//
// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// The place of arrive
func.func @f() attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<2>
  %c0 = arith.constant 0 : i32
  hopper.roles producer registers(24) {
    // expected-error @below {{expected inside the consumers' or converters' region of hopper.roles}}
    hopper.arrive %b[%c0] : !hopper.barrier<2>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of wait
func.func @f() attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected an index into a ring of barriers of 2 stages}}
    hopper.wait %b : !hopper.barrier<2>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of barriers
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected a count in [1, 1048575], got 0}}
  %b = hopper.barriers count 0 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of wait
func.func @f() attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected a lag of 0 or 1, got 2}}
    hopper.wait %b lag 2 : !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of named_sync
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a multiple of 128 threads in [128, 896], got 100}}
    hopper.named_sync %i threads 100
  }
  return
}

// -----
// (C1) of barriers
func.func @f(%i: i32) attributes {hopper.kernel} {
  // expected-error @below {{expected a count in [1, 1048575], got 1048576}}
  %b = hopper.barriers count 1048576 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of expect
func.func @f(%i: i32) attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected bytes in [1, 1048575], got 0}}
    hopper.expect %b, 0 : !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of expect
func.func @f(%i: i32) attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected bytes in [1, 1048575], got 1048576}}
    hopper.expect %b, 1048576 : !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of expect
func.func @f(%i: i32) attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected an index into a ring of barriers of 2 stages}}
    hopper.expect %b, 16 : !hopper.barrier<2>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of arrive
func.func @f(%i: i32) attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into a ring of barriers of 2 stages}}
    hopper.arrive %b : !hopper.barrier<2>
  }
  return
}

// -----
// The place of expect
func.func @f(%i: i32) attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected inside the producer's region of hopper.roles}}
    hopper.expect %b, 16 : !hopper.barrier<1>
  }
  return
}

// -----
// The place of wait
func.func @f(%i: i32) attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  // expected-error @below {{expected inside hopper.roles}}
  hopper.wait %b : !hopper.barrier<1>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of named_sync
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a multiple of 128 threads in [128, 896], got 1024}}
    hopper.named_sync %i threads 1024
  }
  return
}

// -----
// (C1) of named_arrive
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a multiple of 128 threads in [128, 896], got 0}}
    hopper.named_arrive %i threads 0
  }
  return
}

// -----
// (C1) of named_arrive, which is no unsigned number
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a multiple of 128 threads in [128, 896], got -128}}
    hopper.named_arrive %i threads -128
  }
  return
}
