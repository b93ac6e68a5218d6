namespace Rebound.Fuzz.Mutation;

/// <summary>Makes an invalid input, or an unusual one, of a valid one.</summary>
internal interface IMutator
{
    /// <param name="seed">The valid input; not to be written to.</param>
    /// <param name="seeds">All valid inputs, to take pieces of.</param>
    byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> seeds, FuzzRandom random);
}
