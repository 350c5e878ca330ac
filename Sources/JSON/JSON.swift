//  A JSON value that keeps what the text said: the order of keys and the digits of numbers.
package enum JSON: Hashable, Sendable { case null }
