// Any octets as an address field.

import Harness
import Properties

/// One input of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Harness.run(start, count, Properties.addresses)
}
