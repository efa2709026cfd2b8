// Between libFuzzer and a property: octets in, a crash out where the property does not hold.

/// The running of one input.
package enum Harness {
    /// Checks a property of an input; what `LLVMFuzzerTestOneInput` returns.
    ///
    /// A property gives a number made of its results, so that the optimizer cannot leave out the
    /// work, and throws where something does not hold.
    package static func run(
        _ start: UnsafePointer<UInt8>?,
        _ count: Int,
        _ property: ([UInt8]) throws -> Int
    ) -> Int32 {
        do {
            take(try property(Array(UnsafeBufferPointer(start: start, count: count))))
        } catch {
            fatalError("\(error)")
        }
        return 0
    }

    /// Where results go: never inlined, so that they have to be there.
    @inline(never)
    private static func take(_ result: Int) {
        last = result
    }

    // SAFETY: libFuzzer calls from one thread.
    nonisolated(unsafe) private static var last = 0
}
