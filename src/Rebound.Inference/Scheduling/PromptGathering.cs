namespace Rebound.Inference.Scheduling;

/// <summary>
/// Lets prompts that arrive while others decode wait for each other a few steps, where a step with prompts takes about as much longer
/// for few of them as for many. They wait until together they have waited for as many steps as sequences decode, which is what
/// reading them at once takes from those, and <see cref="MostSteps"/> at most.
/// </summary>
internal sealed class PromptGathering
{
    /// <summary>Most steps that a prompt waits for others.</summary>
    public const int MostSteps = 8;

    private int _steps;
    private int _waited;

    /// <summary>Whether the prompts that wait are to wait for another step.</summary>
    /// <param name="waiting">Those that could join now.</param>
    /// <param name="decoding">Sequences that decode meanwhile.</param>
    public bool Holds(int waiting, int decoding)
    {
        _waited += waiting;
        if (waiting > 0 && _waited < decoding && _steps < MostSteps)
        {
            _steps++;
            return true;
        }

        (_steps, _waited) = (0, 0);
        return false;
    }
}
