namespace Rebound.Hub;

/// <summary>Is told how a push goes on, from any thread.</summary>
public interface IPushObserver
{
    /// <summary>Bytes of files were read, for their checksums.</summary>
    void Read(long bytes);

    /// <summary>All is known of the files; now they are sent.</summary>
    void Begin(IReadOnlyList<PushedFile> files);

    /// <summary>Bytes of large files were sent; negative where they have to be sent again.</summary>
    void Sent(long bytes);
}
