// Names of elements, attributes, properties and the like as numbers, which are cheap to compare and
// to look up. Names from outside are made lower case on the way.

/// A name in lower case as one number.
///
/// Exact up to eight octets; a longer one may equal another, which then is treated like it.
struct HTMLName: Equatable {
    private(set) var value: UInt64 = 0

    init() {}

    /// The name at a range of octets.
    init(_ octets: [UInt8], _ range: Range<Int>) {
        for index in range { append(octets[index]) }
    }

    /// Takes the next octet.
    @inline(__always)
    mutating func append(_ octet: UInt8) {
        let isCapital = octet &- 0x41 < 26
        value = (value << 8 | value >> 56) ^ UInt64(isCapital ? octet | 0x20 : octet)
    }
}

/// Names to values: a hash table that is made once.
struct HTMLNameTable<Value: Sendable>: Sendable {
    private var keys: [UInt64]
    private var values: [Value?]

    private static var slots: Int { 512 }

    init(_ entries: [(String, Value)]) {
        keys = [UInt64](repeating: 0, count: Self.slots)
        values = [Value?](repeating: nil, count: Self.slots)
        for (text, value) in entries {
            var name = HTMLName()
            for octet in text.utf8 { name.append(octet) }
            var slot = Self.slot(name.value)
            while values[slot] != nil { slot = (slot + 1) % Self.slots }
            (keys[slot], values[slot]) = (name.value, value)
        }
    }

    /// The value of a name; the table is never full, so that the search ends.
    func value(_ name: HTMLName) -> Value? {
        var slot = Self.slot(name.value)
        while let value = values[slot] {
            if keys[slot] == name.value { return value }
            slot = (slot + 1) % Self.slots
        }
        return nil
    }

    private static func slot(_ value: UInt64) -> Int {
        Int((value &* 0x9E37_79B9_7F4A_7C15) >> 55)
    }
}
