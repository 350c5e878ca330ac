//  The members of a JSON object, in order.

/// Keys and values in the order in which they were written or added; no key occurs twice.
///
/// Equality does not look at the order. Looking a key up costs a few comparisons in a small object and one hash in a
/// large one; removing a key costs the members behind it.
package struct JSONObject: Sendable {
    package typealias Element = (key: String, value: JSON)

    private var members: [Element]
    /// Where each key stands; nil in a small object, where looking through the members is cheaper.
    private var positions: [JSONKey: Int]?

    /// Up to this many members are looked through one by one.
    private static let smallCount = 16

    package init() {
        members = []
    }

    /// An object with these members in this order; of two with one key the first gives the place, the last the value.
    package init(_ pairs: some Sequence<(String, JSON)>) {
        self.init()
        members.reserveCapacity(pairs.underestimatedCount)
        for (key, value) in pairs { self[key] = value }
    }

    /// An object of members whose keys are known to differ.
    init(distinct members: [Element]) {
        self.members = members
        index()
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// The value of a key. Setting an existing key keeps its place, setting nil removes it.
    package subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            guard let newValue else {
                removeValue(forKey: key)
                return
            }
            if let position = position(of: key) {
                members[position].value = newValue
            } else {
                append(key, newValue)
            }
        }
    }

    /// Removes a key and returns its value, or nil when there was none.
    @discardableResult
    package mutating func removeValue(forKey key: String) -> JSON? {
        guard let position = position(of: key) else { return nil }
        let removed = members.remove(at: position)
        index()
        return removed.value
    }

    /// Adds a member that is known to be new.
    mutating func append(_ key: String, _ value: JSON) {
        members.append((key, value))
        if positions != nil {
            positions?[JSONKey(key)] = members.count - 1
        } else if members.count > JSONObject.smallCount {
            index()
        }
    }

    private func position(of key: String) -> Int? {
        if let positions { return positions[JSONKey(key)] }
        let length = key.utf8.count
        return members.firstIndex { $0.key.utf8.count == length && sameScalars($0.key, key) }
    }

    private mutating func index() {
        guard members.count > JSONObject.smallCount else {
            positions = nil
            return
        }
        var positions = [JSONKey: Int](minimumCapacity: members.count)
        for (position, member) in members.enumerated() { positions[JSONKey(member.key)] = position }
        self.positions = positions
    }
}

extension JSONObject: Sequence {
    package var underestimatedCount: Int { members.count }

    package func makeIterator() -> IndexingIterator<[Element]> { members.makeIterator() }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        // Objects that come from one another mostly have one order, and then no key is looked up.
        for (ours, theirs) in zip(left.members, right.members) {
            if sameScalars(ours.key, theirs.key) {
                guard ours.value == theirs.value else { return false }
            } else {
                guard let theirs = right[ours.key], ours.value == theirs else { return false }
            }
        }
        return true
    }

    package func hash(into hasher: inout Hasher) {
        // A sum, because the order does not count.
        var sum = 0
        for (key, value) in members {
            var member = Hasher()
            hashScalars(key, into: &member)
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(members.count)
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package typealias Key = String
    package typealias Value = JSON

    package init(dictionaryLiteral elements: (Key, Value)...) { self.init(elements) }
}
