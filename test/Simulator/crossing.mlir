// What crosses between consumers, and between CTAs: each kernel is right but for one thing.
// RUN: parallax-opt %s --hopper-simulate="grid=2" -split-input-file -verify-diagnostics -o /dev/null
// RUN: parallax-opt %s --hopper-simulate="grid=2 seed=7 orders=3" -split-input-file -verify-diagnostics -o /dev/null

// Consumer 0 puts, twice; consumer 1 gets. Nothing is wrong with this one.
!row = tensor<64xf32, #hopper.row>
!mail = !hopper.smem<8x64xbf16>
func.func @right() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %mail = hopper.alloc : !mail
  %ones = arith.constant dense<1.0> : !row
  hopper.roles producer registers(24) {
  } consumers(2) registers(240) {
  ^bb0(%w: i32):
    %first = arith.cmpi eq, %w, %c0 : i32
    scf.if %first {
      hopper.put %ones, %mail : !row, !mail
      hopper.named_arrive %c0 threads 256
      hopper.named_sync %c1 threads 256
      hopper.put %ones, %mail : !row, !mail
    } else {
      hopper.named_sync %c0 threads 256
      %got = hopper.get %mail : !mail -> !row
      hopper.named_arrive %c1 threads 256
    }
  }
  return
}

// -----

// The last of two CTAs reads the rows of both. Nothing is wrong with this one.
!row = tensor<64xf32, #hopper.row>
!lanes = tensor<4xf32, #hopper.lanes>
func.func @last_reads(%rows: !llvm.ptr<1>, %tickets: !llvm.ptr<1>) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c2 = arith.constant 2 : i32
  %c64 = arith.constant 64 : i32
  %one = arith.constant 1 : i64
  %none = arith.constant 0 : i64
  %wide = arith.constant 64 : i64
  %cta = hopper.cta_id
  %ones = arith.constant dense<1.0> : !row
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %long = arith.extsi %cta : i32 to i64
    %base = arith.muli %long, %wide : i64
    hopper.store_rows %ones, %rows[%base, %one, %one] at(%c0, %c0) length(%c64) rows 64 : !row
    %is_last = hopper.arrive_last %tickets[%c0] of %c2
    scf.if %is_last {
      %a = hopper.load_rows %rows[%none, %one, %one] at(%c0, %c0) length(%c64) rows 64 : !lanes
      %b = hopper.load_rows %rows[%wide, %one, %one] at(%c0, %c0) length(%c64) rows 64 : !lanes
    }
  }
  return
}

// -----

// The rows are stored behind the ticket that should release them.
!row = tensor<64xf32, #hopper.row>
!lanes = tensor<4xf32, #hopper.lanes>
func.func @released_too_early(%rows: !llvm.ptr<1>, %tickets: !llvm.ptr<1>) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c2 = arith.constant 2 : i32
  %c64 = arith.constant 64 : i32
  %one = arith.constant 1 : i64
  %none = arith.constant 0 : i64
  %cta = hopper.cta_id
  %first = arith.cmpi eq, %cta, %c0 : i32
  %ones = arith.constant dense<1.0> : !row
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %is_last = hopper.arrive_last %tickets[%c0] of %c2
    scf.if %first {
      // expected-note@below {{the other op}}
      hopper.store_rows %ones, %rows[%none, %one, %one] at(%c0, %c0) length(%c64) rows 64 : !row
    } else {
      // expected-error@below {{read before landing: consumer 0, hopper.load_rows}}
      %a = hopper.load_rows %rows[%none, %one, %one] at(%c0, %c0) length(%c64) rows 64 : !lanes
    }
  }
  return
}

// -----

// Both CTAs write the same rows.
!row = tensor<64xf32, #hopper.row>
func.func @stored_twice(%rows: !llvm.ptr<1>) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c64 = arith.constant 64 : i32
  %one = arith.constant 1 : i64
  %none = arith.constant 0 : i64
  %ones = arith.constant dense<1.0> : !row
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error@below {{overwrite before release: consumer 0, hopper.store_rows}}
    // expected-note@below {{the other op}}
    hopper.store_rows %ones, %rows[%none, %one, %one] at(%c0, %c0) length(%c64) rows 64 : !row
  }
  return
}

// -----

// A third arrival is expected, and two CTAs come.
func.func @leaked_ticket(%tickets: !llvm.ptr<1>) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c64 = arith.constant 64 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error@below {{leaked arrivals: consumer 0, hopper.arrive_last}}
    %is_last = hopper.arrive_last %tickets[%c0] of %c64
  }
  return
}
