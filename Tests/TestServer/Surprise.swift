//  What ends a test that cannot go on.

/// Something that a test takes for granted did not hold.
package struct Surprise: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

extension Optional {
    /// The value, or a surprise.
    package func orSurprise(_ reason: @autoclosure () -> String) throws(Surprise) -> Wrapped {
        guard let self else { throw Surprise(reason()) }
        return self
    }
}
