// The way in for octets of any shape: one array of a limited length. Everything behind it works on
// arrays and slices, because code over any sequence is many times slower.

/// Octets of a field body as one array.
enum FieldOctets {
    /// The first octets, at most as many as the limit says.
    ///
    /// Cut after the copy: `Array` takes an array as it is and a slice in one go, a prefix of an
    /// unknown sequence goes octet by octet.
    static func array(_ octets: some Sequence<UInt8>, limit: Int = .max) -> [UInt8] {
        let all = Array(octets)
        return all.count <= limit ? all : Array(all[..<limit])
    }
}
