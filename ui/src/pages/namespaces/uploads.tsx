/** Puts many files into a folder of a namespace, chosen or dropped; each has its own verdict. */

import { Button, FileButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type ReactNode, useState } from "react";
import { tell, tellFailure } from "../../design/receipt";
import { t } from "../../i18n";
import { store } from "./store";

/** How far an upload is; null when none is under way. */
type Progress = { done: number; all: number } | null;

export function useUploads(namespace: string, folder: string) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress>(null);
  const upload = async (files: File[]) => {
    const failed: string[] = [];
    for (const [at, file] of files.entries()) {
      setProgress({ done: at, all: files.length });
      try {
        await store(namespace, `${folder}${file.webkitRelativePath || file.name}`, file, file.name);
      } catch (error) {
        failed.push(`${file.name}: ${(error as Error).message}`);
      }
    }
    setProgress(null);
    await client.invalidateQueries({ queryKey: ["files", namespace] });
    const count = files.length - failed.length;
    if (count > 0) tell(t("files.uploaded", { count, folder }));
    if (failed.length > 0) tellFailure(new Error(failed.join("\n")));
  };
  return { upload, progress };
}

type Uploads = ReturnType<typeof useUploads>;

export function UploadButton({ upload, progress }: Uploads) {
  return (
    <FileButton multiple onChange={(files) => files.length && void upload(files)}>
      {(props) => (
        <Button variant="default" disabled={progress !== null} {...props}>
          {progress ? t("files.uploading", progress) : t("files.upload")}
        </Button>
      )}
    </FileButton>
  );
}

/** A place on which files may be dropped. */
export function Drop({ upload, children }: Uploads & { children: ReactNode }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) void upload(files);
  };
  return (
    <section
      aria-label={t("namespace.files")}
      className="drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {children}
    </section>
  );
}
