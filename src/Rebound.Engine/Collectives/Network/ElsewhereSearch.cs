namespace Rebound.Engine.Collectives.Network;

/// <summary>Looks, while a rank listens itself, whether another listens at the place where ranks meet.</summary>
internal sealed class ElsewhereSearch : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _isOver = new();
    private readonly PeerMeeting _meeting;
    private bool _isFound;

    public ElsewhereSearch(PeerMeeting meeting)
    {
        _meeting = meeting;
        new Thread(Look) { IsBackground = true, Name = "rebound rendezvous" }.Start();
    }

    /// <summary>The meeting at the other's; null as long as none is found. The caller owns it from then on.</summary>
    public PeerMeeting? Take()
    {
        lock (_lock)
        {
            if (!_isFound)
            {
                return null;
            }

            _isFound = false;
            return _meeting;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver.Set();
            if (_isFound)
            {
                _meeting.Dispose();
            }
        }
    }

    private void Look()
    {
        while (!_meeting.TryReach())
        {
            if (_meeting.CameToItself || _isOver.Wait(Pause))
            {
                return;
            }
        }

        lock (_lock)
        {
            if (_isOver.IsSet)
            {
                _meeting.Dispose();
            }
            else
            {
                _isFound = true;
            }
        }
    }
}
