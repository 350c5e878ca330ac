//  Changing a stored JSON value with a patch.

extension JSON {
    /// Returns this value changed by a patch.
    ///
    /// Objects merge member by member, in the order of this value and then of the patch. A null removes the member,
    /// at any depth; nulls that were stored vanish too. Arrays and scalars replace what they meet as a whole, and an
    /// empty object in the patch replaces the object that it meets. The members of an empty patch are none, so it
    /// changes nothing but stored nulls.
    ///
    /// Source: Crossbar's PATCH.
    package func merging(_ patch: JSON) -> JSON {
        guard case .object(let patch) = patch else { return patch }
        guard case .object(let stored) = self else { return JSON.object(patch).removingNulls() }
        var merged = JSONObject()
        for (key, value) in stored {
            guard let change = patch[key] else {
                if !value.isNull { merged.append(key, value.removingNulls()) }
                continue
            }
            if change.isNull { continue }
            merged.append(key, change.object?.isEmpty == true ? change : value.merging(change))
        }
        for (key, change) in patch where !change.isNull && stored[key] == nil {
            merged.append(key, change.removingNulls())
        }
        return .object(merged)
    }

    /// Returns this value without null members of objects, at any depth; arrays stay as they are.
    package func removingNulls() -> JSON {
        guard case .object(let members) = self else { return self }
        var kept = JSONObject()
        for (key, value) in members where !value.isNull { kept.append(key, value.removingNulls()) }
        return .object(kept)
    }
}
