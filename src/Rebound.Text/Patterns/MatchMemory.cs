namespace Rebound.Text.Patterns;

/// <summary>
/// The memory of a <see cref="PatternMatcher"/> for one text: the pairs of step and position from which the rest of a program does not
/// match, and, for lookarounds, those from which it does. A pair is open from its entry until it has failed or succeeded.
/// </summary>
internal sealed class MatchMemory(int length)
{
    /// <summary>Bits that are kept at most, all rows together.</summary>
    private const long MostBits = 1L << 31;

    private readonly List<ulong[]?[]> _entered = [];
    private readonly List<ulong[]?[]> _succeeded = [];
    private (PatternProgram Program, int Index, int At)[] _open = [];
    private long _bits;

    /// <summary>The result known for a step at a position.</summary>
    public enum Answer
    {
        /// <summary>Nothing; it is open now.</summary>
        Unknown,

        Fails,

        Succeeds,
    }

    /// <summary>How many entries are open.</summary>
    public int Open { get; private set; }

    /// <summary>Whether there is no room for more.</summary>
    public bool IsFull => _bits > MostBits;

    /// <summary>Says what is known of a step at a place; what is not becomes open.</summary>
    public Answer Enter(PatternProgram program, int index, int at)
    {
        if (program.IsLook && IsSet(RowsOf(_succeeded, program)[index], at))
        {
            return Answer.Succeeds;
        }

        ref var row = ref RowsOf(_entered, program)[index];
        if (IsSet(row, at))
        {
            return Answer.Fails;
        }

        Set(ref row, at);
        if (Open == _open.Length)
        {
            Array.Resize(ref _open, Math.Max(64, 2 * Open));
        }

        _open[Open++] = (program, index, at);
        return Answer.Unknown;
    }

    /// <summary>All entries opened since <paramref name="begun"/> have failed.</summary>
    public void Fail(int begun) => Open = Math.Min(Open, Math.Max(0, begun));

    /// <summary>All entries open since <paramref name="begun"/> lead to a match.</summary>
    public void Succeed(int begun, bool isLook)
    {
        while (Open > begun)
        {
            var (program, index, at) = _open[--Open];
            RowsOf(_entered, program)[index]![at >> 6] &= ~(1UL << (at & 63));
            if (isLook)
            {
                Set(ref RowsOf(_succeeded, program)[index], at);
            }
        }
    }

    private static bool IsSet(ulong[]? row, int at) => row is not null && (row[at >> 6] >> (at & 63) & 1) != 0;

    private void Set(ref ulong[]? row, int at)
    {
        if (row is null)
        {
            row = new ulong[(length >> 6) + 1];
            _bits += length;
        }

        row[at >> 6] |= 1UL << (at & 63);
    }

    private static ulong[]?[] RowsOf(List<ulong[]?[]> programs, PatternProgram program)
    {
        while (programs.Count <= program.Number)
        {
            programs.Add([]);
        }

        var rows = programs[program.Number];
        return rows.Length > 0 ? rows : programs[program.Number] = new ulong[]?[program.Steps.Length];
    }
}
