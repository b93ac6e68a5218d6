namespace Rebound.Files.Tests;

/// <summary>
/// Ends the process, as far as files can tell, before one of its calls: that one and all later ones throw and do nothing, those of
/// handlers too.
/// </summary>
/// <param name="last">Calls that are made.</param>
/// <param name="exchanges">Whether the file system can exchange two folders.</param>
internal sealed class KillingCalls(int last, bool exchanges = true) : FileCalls
{
    private int _calls;

    /// <summary>Whether there was a call too many.</summary>
    public bool HasKilled => _calls > last;

    /// <summary>The process ends within the writing, too: when a part is there, and when all is.</summary>
    public override void Write(string path, Action<string> write)
    {
        if (Directory.Exists(path))
        {
            Call();
            File.WriteAllText(Path.Combine(path, "half"), "");
            Call();
            File.Delete(Path.Combine(path, "half"));
        }
        else
        {
            Call();
            File.WriteAllText(path, "");
            Call();
        }

        base.Write(path, write);
    }

    public override void FlushFile(string path)
    {
        Call();
        base.FlushFile(path);
    }

    public override void FlushFolder(string folder)
    {
        Call();
        base.FlushFolder(folder);
    }

    public override void MoveFile(string from, string to)
    {
        Call();
        base.MoveFile(from, to);
    }

    public override void MoveFolder(string from, string to)
    {
        Call();
        base.MoveFolder(from, to);
    }

    public override bool TryExchange(string one, string other)
    {
        Call();
        return exchanges && base.TryExchange(one, other);
    }

    public override void DeleteFile(string path)
    {
        Call();
        base.DeleteFile(path);
    }

    public override void MakeFolder(string folder)
    {
        Call();
        base.MakeFolder(folder);
    }

    /// <summary>A folder goes file by file.</summary>
    public override void DeleteFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            DeleteFile(file);
        }

        foreach (var inside in Directory.GetDirectories(folder))
        {
            DeleteFolder(inside);
        }

        Call();
        base.DeleteFolder(folder);
    }

    private void Call()
    {
        if (++_calls > last)
        {
            throw new KilledException();
        }
    }
}

/// <summary>The process has ended.</summary>
internal sealed class KilledException : Exception;
