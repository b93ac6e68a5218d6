namespace Rebound.Python;

/// <summary>
/// MT19937 (Matsumoto and Nishimura 1998, https://doi.org/10.1145/272991.272995), seeded by an array as CPython does.
/// </summary>
public sealed class MersenneTwister
{
    private const int StateWords = 624;
    private const int Shift = 397;
    private const uint TwistMatrix = 0x9908B0DF;
    private const uint UpperMask = 0x80000000;
    private const uint LowerMask = 0x7FFFFFFF;

    private readonly uint[] _state = new uint[StateWords];
    private int _index = StateWords;

    /// <param name="key">At least one word; the authors' <c>init_by_array</c>.</param>
    public MersenneTwister(ReadOnlySpan<uint> key)
    {
        SeedByWord(19650218);
        var i = 1;
        for (var k = 0; k < Math.Max(StateWords, key.Length); k++)
        {
            var j = k % key.Length;
            _state[i] = (_state[i] ^ (Mixed(i - 1) * 1664525)) + key[j] + (uint)j;
            i = Advance(i);
        }

        for (var k = 1; k < StateWords; k++)
        {
            _state[i] = (_state[i] ^ (Mixed(i - 1) * 1566083941)) - (uint)i;
            i = Advance(i);
        }

        _state[0] = UpperMask;
    }

    /// <summary>The next 32 random bits.</summary>
    public uint Next()
    {
        if (_index == StateWords)
        {
            Twist();
        }

        var y = _state[_index++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    private void SeedByWord(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < StateWords; i++)
        {
            _state[i] = (1812433253 * Mixed(i - 1)) + (uint)i;
        }
    }

    private uint Mixed(int i) => _state[i] ^ (_state[i] >> 30);

    private int Advance(int i)
    {
        if (i + 1 < StateWords)
        {
            return i + 1;
        }

        _state[0] = _state[StateWords - 1];
        return 1;
    }

    private void Twist()
    {
        for (var i = 0; i < StateWords; i++)
        {
            var y = (_state[i] & UpperMask) | (_state[(i + 1) % StateWords] & LowerMask);
            _state[i] = _state[(i + Shift) % StateWords] ^ (y >> 1) ^ ((y & 1) * TwistMatrix);
        }

        _index = 0;
    }
}
